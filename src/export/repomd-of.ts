import { type RepositoryFile, type RepositoryFiles, repomdRecord, uniqueName } from "../../rules/index.ts"
import type { ChecksumType } from "../repodata/checksum-type.ts"
import type { Repomd, RepomdRecord, RepomdTags } from "../repodata/repomd.ts"

/** What goes into repomd.xml beside the files' own facts. */
export interface RepomdOptions {
  readonly checksumType: ChecksumType
  /** Names begin with their checksums. */
  readonly uniqueNames: boolean
  readonly tags: RepomdTags
  /** null: the time. */
  readonly revision: string | null
  /** Whether files are dated by the revision, which is a number then. */
  readonly timestampToRevision: boolean
  /** Whether records of kinds that are not made anew stay. */
  readonly keepAdditional: boolean
}

/** The name of a file in `repodata/`. */
export const storedName = (file: RepositoryFile, { uniqueNames }: RepomdOptions): string =>
  uniqueNames ? uniqueName(file) : file.name

/** The new repomd.xml, from the files that were made and the one that it replaces. `now` is in Unix seconds. */
export const repomdOf = (files: RepositoryFiles, old: Repomd | null, options: RepomdOptions, now: number): Repomd => {
  const revision = options.revision ?? String(now)
  const records = Object.entries(files).map(([type, file]): RepomdRecord => {
    const { content: _, name: __, ...facts } = file
    const href = `repodata/${storedName(file, options)}`
    const timestamp = options.timestampToRevision ? Number(revision) : now
    const record = repomdRecord(facts, { as: options.checksumType, type, href, timestamp })
    if (options.timestampToRevision) return record
    // a file that stays keeps its date
    const before = old?.records.find((candidate) => candidate.type === type && isSameFile(candidate, record))
    return { ...record, timestamp: before?.timestamp ?? now }
  })
  return { revision, tags: options.tags, records: [...records, ...keptRecords(files, old, options)] }
}

/** The old records that stay: those of kinds that createrepo_c calls additional, unless the kind is made anew. */
export const keptRecords = (
  files: RepositoryFiles,
  old: Repomd | null,
  { keepAdditional }: RepomdOptions
): ReadonlyArray<RepomdRecord> => {
  const made = new Set(Object.keys(files))
  const newGroups = made.has("group")
  return (keepAdditional ? (old?.records ?? []) : []).filter(
    // the zchunk file of a kind is made, or is not, with the kind
    ({ type }) =>
      !made.has(type) &&
      !made.has(type.replace(/_zck$/, "")) &&
      !ofPackages.test(type) &&
      !(newGroups && type.startsWith("group"))
  )
}

/** Whether two indexes differ in nothing but their dates. */
export const equalButForDates = (a: Repomd, b: Repomd): boolean => undated(a) === undated(b)

/** The file's name in `repodata/`, where the record names one that lies there. */
export const nameInRepodata = ({ base, href }: Pick<RepomdRecord, "base" | "href">): string | undefined => {
  const [, name] = /^repodata\/([^/]+)$/.exec(href) ?? []
  return base === undefined && name !== "." && name !== ".." ? name : undefined
}

const ofPackages = /^(primary|filelists|filelists-ext|other)(_db|_zck)?$/

const isSameFile = (a: RepomdRecord, b: Omit<RepomdRecord, "timestamp">): boolean =>
  a.href === b.href && a.checksum.type === b.checksum.type && a.checksum.value === b.checksum.value && a.size === b.size

const undated = ({ records, tags }: Repomd): string => {
  const words = records.map((record) =>
    JSON.stringify([
      record.type,
      record.href,
      record.base,
      ...[record.checksum, record.openChecksum, record.headerChecksum].map((sum) => sum && [sum.type, sum.value]),
      record.size,
      record.openSize,
      record.headerSize,
      record.databaseVersion
    ])
  )
  const distro = tags?.distro.map(({ cpeid, text }) => [cpeid, text])
  return JSON.stringify([words.sort(), tags?.content ?? [], tags?.repo ?? [], distro ?? []])
}
