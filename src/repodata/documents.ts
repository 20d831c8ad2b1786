import { bytesOf } from "./xml-text.ts"

/** The three metadata files that hold one element a package. */
export type DocumentKind = "primary" | "filelists" | "other"

/** What stands before the package elements; `packages` is the number of elements that follow. */
export const opening = (kind: DocumentKind, packages: number): Uint8Array =>
  bytesOf(`<?xml version="1.0" encoding="UTF-8"?>\n<${ROOT[kind]} ${NAMESPACES[kind]} packages="${packages}">\n`)

/** What stands behind them. Without a line feed, as createrepo_c writes it. */
export const closing = (kind: DocumentKind): Uint8Array => bytesOf(`</${ROOT[kind]}>`)

const ROOT = { primary: "metadata", filelists: "filelists", other: "otherdata" } as const

const NAMESPACES = {
  primary: 'xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm"',
  filelists: 'xmlns="http://linux.duke.edu/metadata/filelists"',
  other: 'xmlns="http://linux.duke.edu/metadata/other"'
} as const
