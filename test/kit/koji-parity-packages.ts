import { type KojiVariant, kojiText, kojiTree } from "./koji-parity-variant.ts"

export const metadataKinds = ["primary", "filelists", "other"] as const
export type MetadataKind = (typeof metadataKinds)[number]

/** One package of a metadata file. */
export interface PackageElement {
  /** As `bash-5.2-1.x86_64.rpm`. */
  readonly file: string
  readonly checksum: string
  /** The element's text, without its `time/@file`: Koji's is the mtime of its own copy. Characters of attributes are not escaped. */
  readonly xml: string
}

/** The packages of primary, filelists or other, in the order of the file. */
export const packageElements = (document: string): ReadonlyArray<PackageElement> =>
  document
    .slice(document.indexOf("<package "), document.lastIndexOf("</"))
    .split(/(?<=<\/package>\n)/)
    .filter((element) => element.startsWith("<package "))
    .map((element) => {
      const [, name] = /<name>(.*)<\/name>| name="([^"]*)"/.exec(element)?.filter((part) => part !== undefined) ?? []
      const [, arch] = /<arch>(.*)<\/arch>| arch="([^"]*)"/.exec(element)?.filter((part) => part !== undefined) ?? []
      const [, version, release] = /<version [^>]*ver="([^"]*)" rel="([^"]*)"/.exec(element) ?? []
      return {
        file: `${name}-${version}-${release}.${arch}.rpm`,
        checksum: /[^0-9a-f]([0-9a-f]{64})[^0-9a-f]/.exec(element)?.[1] ?? "",
        xml: withRawAttributes(element.replace(/<time file="\d+"/, '<time file="…"'))
      }
    })

/** The true sum of each package file of one arch of a recorded repo, by file name. */
export const trueSums = (variant: string, arch: string): ReadonlyMap<string, string> =>
  new Map(
    kojiTree(variant)
      .filter(({ path }) => path.startsWith(`${arch}/Packages/`) && path.endsWith(".rpm"))
      .map(({ path, sha256 }) => [path.slice(path.lastIndexOf("/") + 1), sha256])
  )

const kojiElements = (variant: string, arch: string, kind: MetadataKind): ReadonlyArray<PackageElement> =>
  packageElements(kojiText(variant, "files", arch, "repodata", `${kind}.xml`))

/** The arches that a recorded repo has a repository for. */
export const kojiArches = (variant: string): ReadonlyArray<string> =>
  kojiTree(variant)
    .filter(({ path }) => path.endsWith("/repodata/repomd.xml"))
    .map(({ path }) => path.slice(0, path.indexOf("/")))

/**
 * Koji's elements with true sums: its builder takes over old elements, and with them, where a package has several signed copies, the
 * sums of another copy. An element with a wrong sum is replaced by what Koji says of the true file in another repo; where it never lists
 * that file truly, the two files are of one size, for else the builder would have noticed, and only the sum is wrong.
 */
export const truthful = (
  variants: ReadonlyArray<KojiVariant>
): ((variant: string, arch: string, kind: MetadataKind) => ReadonlyArray<PackageElement>) => {
  const known = new Map<string, string>()
  for (const { name } of variants) {
    for (const arch of kojiArches(name)) {
      const sums = trueSums(name, arch)
      for (const kind of metadataKinds) {
        for (const { checksum, file, xml } of kojiElements(name, arch, kind)) {
          if (sums.get(file) === checksum) known.set(`${kind} ${checksum}`, xml)
        }
      }
    }
  }
  return (variant, arch, kind) => {
    const sums = trueSums(variant, arch)
    return kojiElements(variant, arch, kind).map(({ checksum, file, xml }) => {
      const sum = sums.get(file) ?? checksum
      return { file, checksum: sum, xml: known.get(`${kind} ${sum}`) ?? xml.replace(checksum, sum) }
    })
  }
}

/** The packages of which Koji lists the sum of another file than lies in the repo. */
export const staleFiles = (variant: string, arch: string, kind: MetadataKind): ReadonlyArray<string> => {
  const sums = trueSums(variant, arch)
  return kojiElements(variant, arch, kind)
    .filter(({ checksum, file }) => sums.get(file) !== checksum)
    .map(({ file }) => file)
}

/** Older libxml2 writes what is not ASCII as character references in attributes, and raw in texts: the same XML. */
const withRawAttributes = (xml: string): string =>
  xml.replace(/="[^"]*&#x[^"]*"/g, (value) =>
    value.replace(/&#x([0-9A-F]+);/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
  )
