import { byteString, bytesOf, type Report, xmlAttribute, xmlText } from "./xml-text.ts"

/** One file of a repository's metadata, as repomd.xml lists it. All checksums are sha256 in lower-case hex. */
export interface RepomdRecord {
  /** `primary`, `filelists`, `other`, `group` …; one of a type. */
  readonly type: string
  /** Of the file as it is stored. */
  readonly checksum: string
  /** Of its uncompressed content; left out for files that are not compressed. */
  readonly openChecksum?: string
  /** Path relative to the repository: `repodata/…`. */
  readonly href: string
  /** Seconds since the epoch. */
  readonly timestamp: number
  /** Bytes of the file as it is stored. */
  readonly size: number
  /** Bytes of its uncompressed content. */
  readonly openSize?: number
}

/**
 * repomd.xml, the index of a repository's metadata, as createrepo_c prints it: the known types first, all others by
 * name. `revision` is printed as it is.
 */
export const repomdXml = (repomd: {
  readonly revision: string
  readonly records: ReadonlyArray<RepomdRecord>
}): Uint8Array =>
  bytesOf(
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      '<repomd xmlns="http://linux.duke.edu/metadata/repo" xmlns:rpm="http://linux.duke.edu/metadata/rpm">\n' +
      `  <revision>${text(repomd.revision)}</revision>\n` +
      repomd.records.toSorted(inOrder).map(recordXml).join("") +
      "</repomd>\n"
  )

const KNOWN_TYPES: ReadonlyArray<string> = [
  "primary",
  "filelists",
  "other",
  "primary_db",
  "filelists_db",
  "other_db",
  "primary_zck",
  "filelists_zck",
  "other_zck"
]

const rank = ({ type }: RepomdRecord): number => {
  const place = KNOWN_TYPES.indexOf(type)
  return place < 0 ? KNOWN_TYPES.length : place
}

const inOrder = (a: RepomdRecord, b: RepomdRecord): number =>
  rank(a) - rank(b) || bytewise(a.type, b.type) || bytewise(a.href, b.href)

const bytewise = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

const recordXml = (record: RepomdRecord): string =>
  `  <data type="${attribute(record.type)}">\n` +
  `    <checksum type="sha256">${text(record.checksum)}</checksum>\n` +
  (record.openChecksum === undefined
    ? ""
    : `    <open-checksum type="sha256">${text(record.openChecksum)}</open-checksum>\n`) +
  `    <location href="${attribute(record.href)}"/>\n` +
  `    <timestamp>${record.timestamp}</timestamp>\n` +
  `    <size>${record.size}</size>\n` +
  (record.openSize === undefined ? "" : `    <open-size>${record.openSize}</open-size>\n`) +
  "  </data>\n"

const text = (value: string): string => xmlText(byteString(value), "repomd", ignore)
const attribute = (value: string): string => xmlAttribute(byteString(value), "repomd", ignore)

/** All values are our own; nobody needs to be told. */
const ignore: Report = () => undefined
