import { bytesOf } from "./xml-text.ts"

/** The three metadata files that hold one element a package. */
export type DocumentKind = "primary" | "filelists" | "other"

/** What stands before the package elements; `packages` is the number of elements that follow. */
export const opening = (kind: DocumentKind, packages: number): Uint8Array =>
  bytesOf(
    `<?xml version="1.0" encoding="UTF-8"?>\n<${documentRoots[kind].root} ${namespaces(kind)} packages="${packages}">\n`
  )

/** What stands behind them. Without a line feed, as createrepo_c writes it. */
export const closing = (kind: DocumentKind): Uint8Array => bytesOf(`</${documentRoots[kind].root}>`)

/** Their root elements. */
export const documentRoots = {
  primary: { root: "metadata", namespace: "http://linux.duke.edu/metadata/common" },
  filelists: { root: "filelists", namespace: "http://linux.duke.edu/metadata/filelists" },
  other: { root: "otherdata", namespace: "http://linux.duke.edu/metadata/other" }
} as const

const namespaces = (kind: DocumentKind): string =>
  `xmlns="${documentRoots[kind].namespace}"${kind === "primary" ? ' xmlns:rpm="http://linux.duke.edu/metadata/rpm"' : ""}`
