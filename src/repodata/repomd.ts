import { byteString, bytesOf, type Report, xmlAttribute, xmlText } from "./xml-text.ts"

/** A checksum in lower-case hex, with the name of its type. */
export interface RepomdChecksum {
  readonly type: string
  readonly value: string
}

/** One file of a repository's metadata, as repomd.xml lists it. */
export interface RepomdRecord {
  /** `primary`, `filelists`, `other`, `group` …; one of a type. */
  readonly type: string
  /** Of the file as it is stored. */
  readonly checksum: RepomdChecksum
  /** Of its uncompressed content; left out for files that are not compressed. */
  readonly openChecksum?: RepomdChecksum
  /** Of a zchunk file's header. */
  readonly headerChecksum?: RepomdChecksum
  /** Path relative to the repository, or to `base`: `repodata/…`. */
  readonly href: string
  readonly base?: string
  /** Seconds since the epoch. */
  readonly timestamp: number
  /** Bytes of the file as it is stored. */
  readonly size?: number
  /** Bytes of its uncompressed content. */
  readonly openSize?: number
  /** Bytes of a zchunk file's header. */
  readonly headerSize?: number
  /** Of an sqlite file. */
  readonly databaseVersion?: number
}

/** What a repository says of itself, in words for people and programs. */
export interface RepomdTags {
  readonly content: ReadonlyArray<string>
  readonly repo: ReadonlyArray<string>
  readonly distro: ReadonlyArray<{ readonly cpeid: string | null; readonly text: string }>
}

/** All that repomd.xml holds. */
export interface Repomd {
  /** Printed as it is. */
  readonly revision: string
  readonly tags?: RepomdTags
  readonly records: ReadonlyArray<RepomdRecord>
}

/**
 * repomd.xml, the index of a repository's metadata, as createrepo_c prints it: the known types first, all others by
 * name.
 */
export const repomdXml = (repomd: Repomd): Uint8Array =>
  bytesOf(
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      '<repomd xmlns="http://linux.duke.edu/metadata/repo" xmlns:rpm="http://linux.duke.edu/metadata/rpm">\n' +
      `  <revision>${text(repomd.revision)}</revision>\n` +
      tagsXml(repomd.tags) +
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
  checksumXml("checksum", record.checksum) +
  checksumXml("open-checksum", record.openChecksum) +
  checksumXml("header-checksum", record.headerChecksum) +
  `    <location href="${attribute(record.href)}"${record.base === undefined ? "" : ` xml:base="${attribute(record.base)}"`}/>\n` +
  numberXml("timestamp", record.timestamp) +
  numberXml("size", record.size) +
  numberXml("open-size", record.openSize) +
  numberXml("header-size", record.headerSize) +
  numberXml("database_version", record.databaseVersion) +
  "  </data>\n"

const checksumXml = (name: string, checksum: RepomdChecksum | undefined): string =>
  checksum === undefined ? "" : `    <${name} type="${attribute(checksum.type)}">${text(checksum.value)}</${name}>\n`

const numberXml = (name: string, value: number | undefined): string =>
  value === undefined ? "" : `    <${name}>${value}</${name}>\n`

const tagsXml = ({ content, distro, repo }: RepomdTags = { content: [], repo: [], distro: [] }): string => {
  if (content.length + distro.length + repo.length === 0) return ""
  const elements = [
    ...content.map((word) => `<content>${text(word)}</content>`),
    ...repo.map((word) => `<repo>${text(word)}</repo>`),
    ...distro.map((system) => {
      const cpeid = system.cpeid === null ? "" : ` cpeid="${attribute(system.cpeid)}"`
      return `<distro${cpeid}>${text(system.text)}</distro>`
    })
  ]
  return `  <tags>\n${elements.map((element) => `    ${element}\n`).join("")}  </tags>\n`
}

const text = (value: string): string => xmlText(byteString(value), "repomd", ignore)
const attribute = (value: string): string => xmlAttribute(byteString(value), "repomd", ignore)

/** What XML cannot hold is replaced without a word: nothing of it is a package's. */
const ignore: Report = () => undefined
