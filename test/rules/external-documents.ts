import { closing, opening } from "../../src/repodata/documents.ts"

/** The metadata of a repository elsewhere, of x86_64 packages of these names, each built from a source package of its own name. */
export const externalDocuments = (names: ReadonlyArray<string>) => {
  const version = '<version epoch="0" ver="1" rel="1"/>'
  const document = (kind: "primary" | "filelists" | "other", elementOf: (name: string) => string): Uint8Array =>
    Buffer.concat([opening(kind, names.length), Buffer.from(names.map(elementOf).join("")), closing(kind)])
  const list = (name: string) => `<package pkgid="${name}" name="${name}" arch="x86_64">${version}</package>\n`
  return {
    primary: document(
      "primary",
      (name) =>
        `<package type="rpm"><name>${name}</name><arch>x86_64</arch>${version}<checksum type="sha256" pkgid="YES">${name}</checksum>` +
        `<time file="5" build="4"/><location href="${name}.rpm"/>` +
        `<format><rpm:sourcerpm>${name}-1-1.src.rpm</rpm:sourcerpm></format></package>\n`
    ),
    filelists: document("filelists", list),
    other: document("other", list)
  }
}
