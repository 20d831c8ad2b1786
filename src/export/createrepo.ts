import { existsSync, readFileSync, statSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join, relative, resolve } from "node:path"
import { Clock, Effect, Either } from "effect"
import {
  type BlobMissing,
  Bytes,
  ExternalFiles,
  evaluate,
  type FailureOf,
  type InputOf,
  type OutputOf,
  type RunEvent,
  type RunFailed,
  type Store,
  type StoreError,
  withBlobs,
  writeBlob
} from "../../graph/index.ts"
import { type Compression, Createrepo } from "../../rules/index.ts"
import { entryUrl } from "../bundle/entries.ts"
import { type Drpm, hasDrpm } from "../publish/drpms.ts"
import {
  hasRepodataTraces,
  type RepodataLocked,
  refuseForeignLock,
  withRepodataLock
} from "../publish/repodata-lock.ts"
import type { Retention } from "../publish/retention.ts"
import { readRepomdFile, removeUndone, writeRepodata } from "../publish/write-repodata.ts"
import type { UnwritableTree } from "../publish/writing.ts"
import type { ChecksumType } from "../repodata/checksum-type.ts"
import { readRepomd } from "../repodata/read-repomd.ts"
import { type Repomd, repomdXml } from "../repodata/repomd.ts"
import { type DirectoryContent, directoryFiles, readDirectory } from "../source/directory.ts"
import type { PathProblem } from "../source/find-packages.ts"
import type { LocationEdit } from "../source/package-location.ts"
import type { NoDeltaTool } from "./delta-tool.ts"
import {
  type DirectoryDeltaRequest,
  deltaWarnings,
  listedDrpms,
  madeDrpms,
  type OlderDirectories,
  olderDirectories,
  refuseUnusableOlder
} from "./directory-deltas.ts"
import { type BadMetadataFiles, type GivenMetadata, noMetadata, storedNames, storeGiven } from "./given-metadata.ts"
import { type BadGroupFile, readGroupFile } from "./group-file.ts"
import { missedBlob } from "./missed-blob.ts"
import { during, type PhaseEvent } from "./phase.ts"
import { equalButForDates, keptRecords, nameInRepodata, type RepomdOptions, repomdOf, storedName } from "./repomd-of.ts"
import type { ZchunkRequest } from "./request.ts"
import { runSettings } from "./run-settings.ts"
import { textWarning } from "./text-warning.ts"
import { UnusableDirectory } from "./unusable-directory.ts"
import { type BadDictionaries, zchunkOptions } from "./zchunk-dictionaries.ts"

/** A request for a repository of the packages in a plain directory. */
export interface CreaterepoRequest {
  /** Where the packages are; absolute. */
  readonly directory: string
  /** Below which `repodata` is written; absolute. */
  readonly output: string
  readonly excludes: ReadonlyArray<string>
  readonly skipSymlinks: boolean
  /** Files that list packages, a path a line; absolute. Null for none. */
  readonly pkglist: string | null
  readonly includePackages: ReadonlyArray<string>
  readonly trust: "stat" | "content"
  readonly location: LocationEdit
  /** `xml:base` of all packages; null for none. */
  readonly base: string | null
  readonly checksumType: ChecksumType
  readonly compression: Compression
  readonly changelogLimit: number
  readonly openChecksum: boolean
  /** Each metadata file as a zchunk file too; null for none. */
  readonly zchunk: ZchunkRequest | null
  /** SQLite databases beside the XML metadata. */
  readonly database: boolean
  /** Delta rpms, in the folder `drpms` beside `repodata`; null for none. */
  readonly deltas: DirectoryDeltaRequest | null
  /** Relative to the directory, or absolute; null for none. */
  readonly groupFile: string | null
  /** How it is published: record types with their compressions (null: as it is). */
  readonly groupRecords: ReadonlyArray<{ readonly type: string; readonly compression: Compression | null }>
  /** More metadata, from files. Module metadata that the directory has among its packages comes behind it. */
  readonly given: GivenMetadata
  readonly repomd: RepomdOptions
  readonly retention: Retention
  /** Whether old files are to be dealt with even where nothing changed. */
  readonly retentionGiven: boolean
  readonly ignoreLock: boolean
  /** How many threads may work at once. */
  readonly workers: number
}

export interface CreaterepoResult {
  readonly _tag: "Published" | "Unchanged"
  /** How many packages the repository lists. */
  readonly packages: number
  /** What was left out, by path: it could not be read, or is no sound package. */
  readonly leftOut: ReadonlyArray<PathProblem>
  /** How many files were read in full. */
  readonly hashed: number
  readonly warnings: ReadonlyArray<string>
  readonly run: number
}

export type CreaterepoError =
  | UnusableDirectory
  | BadGroupFile
  | BadMetadataFiles
  | BadDictionaries
  | NoDeltaTool
  | RepodataLocked
  | UnwritableTree
  | StoreError
  | BlobMissing
  | RunFailed<FailureOf<typeof Createrepo>>

export type CreaterepoEvent =
  | RunEvent
  | PhaseEvent
  | { readonly _tag: "Hashed"; readonly files: number }
  /** Another publication into the directory has to end first. */
  | { readonly _tag: "WaitsForPublication" }

/** Where the log finds the runs of a directory. */
const createrepoLabel = (directory: string): string => `createrepo ${resolve(directory)}`

/**
 * Makes the metadata of a directory's packages and puts it into `repodata`. Where nothing but its dates would change, it stays as it is.
 * Broken packages are left out and named. Where a stored blob proves lost or damaged, the whole is done once more.
 */
export const createrepo = (
  request: CreaterepoRequest,
  onEvent: (event: CreaterepoEvent) => void = () => {}
): Effect.Effect<CreaterepoResult, CreaterepoError, Store> =>
  Effect.catchIf(createOnce(request, onEvent, false), missedBlob, () => createOnce(request, onEvent, true))

const createOnce = (
  request: CreaterepoRequest,
  onEvent: (event: CreaterepoEvent) => void,
  repair: boolean
): Effect.Effect<CreaterepoResult, CreaterepoError, Store> =>
  Effect.gen(function* () {
    yield* refuseUnusable(request)
    const given = yield* givenOf(request)
    const list = yield* listOf(request)
    const hashing = {
      workers: request.workers,
      workerEntry: entryUrl("hash-worker"),
      onHashed: (files: number) => onEvent({ _tag: "Hashed", files })
    }
    const { content, older } = yield* during(
      "snapshot",
      onEvent,
      Effect.all({
        older: olderDirectories(request.deltas, { ...request, repair }, hashing),
        content: readDirectory({ ...request, list, repair }, hashing)
      })
    )
    const modules = [...(given.files.modules ?? []), ...(yield* foundModules(request, content))]
    const files = modules.length === 0 ? given.files : { ...given.files, modules }
    const input = inputOf(request, content, older, files)
    return yield* Effect.provideService(
      Effect.gen(function* () {
        const workers = Math.min(request.workers, availableParallelism())
        const settings = runSettings(createrepoLabel(request.directory), workers)
        const { output, run } = yield* during(
          "evaluate",
          onEvent,
          evaluate(Createrepo, input, { ...settings, onEvent, repair })
        )
        const { tag, warnings } = yield* during("publish", onEvent, publish(request, output, onEvent))
        return {
          _tag: tag,
          packages: output.packages,
          leftOut: [...content.problems, ...output.broken.map(({ package: path, reason }) => ({ path, reason }))].sort(
            (a, b) => (a.path < b.path ? -1 : 1)
          ),
          hashed: [content, ...older.contents].reduce((sum, { hashed }) => sum + hashed, 0),
          warnings: [
            ...given.warnings,
            ...older.warnings,
            ...(output.deltas === undefined ? [] : deltaWarnings(request.deltas, output.deltas)),
            ...content.loops.map((path) => `${path} leads back to a folder that it lies in, and was not looked into`),
            ...output.warnings.map(textWarning),
            ...output.fileWarnings,
            ...warnings
          ],
          run
        }
      }),
      ExternalFiles,
      directoryFiles([content, ...older.contents])
    )
  })

const refuseUnusable = ({ deltas, directory, ignoreLock, output }: CreaterepoRequest) =>
  Effect.gen(function* () {
    const isDirectory = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
    if (!isDirectory(directory)) return yield* new UnusableDirectory({ reason: `${directory} is not a directory` })
    if (!isDirectory(output)) {
      return yield* new UnusableDirectory({ reason: `the output directory ${output} is not there; make it first` })
    }
    yield* refuseUnusableOlder(deltas)
    if (!ignoreLock) yield* refuseForeignLock(output)
  })

/** Listed packages, or null where the directory itself says which there are. */
const listOf = ({ includePackages, pkglist }: CreaterepoRequest) =>
  Effect.try({
    try: () => {
      if (pkglist === null && includePackages.length === 0) return null
      const lines = pkglist === null ? [] : readFileSync(pkglist, "utf8").split(/\r?\n/)
      return [...lines.filter((line) => line !== ""), ...includePackages]
    },
    catch: (cause) =>
      new UnusableDirectory({
        reason: `the package list cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`
      })
  })

/** What is made of the files that were given beside the packages. */
type Given = Pick<InputOf<typeof Createrepo>, "additional" | "modules" | "updateinfo" | "zchunk">

/** Reads these files into the store. */
const givenOf = ({ compression, deltas, directory, given, groupFile, groupRecords, zchunk }: CreaterepoRequest) =>
  Effect.gen(function* () {
    const group = groupFile === null ? undefined : yield* readGroupFile(directory, groupFile)
    const stored = yield* storeGiven(given, compression)
    const { options, warnings } = yield* zchunkOptions(zchunk, [
      ...(group === undefined ? [] : [group.name]),
      ...storedNames(stored),
      ...(deltas === null ? [] : ["prestodelta.xml"])
    ])
    const content = group === undefined ? undefined : yield* withBlobs(writeBlob(Bytes, group.content))
    const groups =
      group === undefined || content === undefined
        ? []
        : groupRecords.map((record) => ({ ...record, name: group.name, content }))
    const files: Given = { ...stored, additional: [...groups, ...stored.additional], ...options }
    return { files, warnings }
  })

/** Module metadata among the packages, by its places there and in an order of these alone. */
const foundModules = ({ compression, directory }: CreaterepoRequest, { modules }: DirectoryContent) =>
  Effect.map(
    storeGiven(
      { ...noMetadata, modules: modules.toSorted().map((path) => join(directory, path)) },
      compression,
      (path) => relative(directory, path)
    ),
    (stored) => stored.modules ?? []
  )

const inputOf = (
  { base, changelogLimit, compression, database, openChecksum, repomd }: CreaterepoRequest,
  { packages }: DirectoryContent,
  older: OlderDirectories,
  given: Given
): InputOf<typeof Createrepo> => ({
  packages,
  compression,
  changelogLimit,
  openChecksum,
  ...(database ? { database: true as const } : {}),
  ...(base === null ? {} : { base }),
  ...(repomd.checksumType === "sha256" ? {} : { checksumType: repomd.checksumType }),
  ...older.input,
  ...given
})

/** Compares with what is there, and replaces it where it is not the same. */
const publish = (
  request: CreaterepoRequest,
  { deltas, files }: OutputOf<typeof Createrepo>,
  onEvent: (event: CreaterepoEvent) => void
) =>
  Effect.gen(function* () {
    const { output, repomd: options } = request
    const now = yield* Clock.currentTimeMillis
    const drpms = yield* withBlobs(madeDrpms(deltas))
    const index = Effect.map(readOldRepomd(output), (read) => {
      const repomd = repomdOf(files, read.old, options, Math.floor(now / 1000))
      return { ...read, repomd, warnings: [...read.warnings, ...missingKept(output, files, read.old, options)] }
    })
    const stays = ({ old, repomd }: { readonly old: Repomd | null; readonly repomd: Repomd }): boolean =>
      !request.retentionGiven && isUnchanged(output, old, repomd, drpms)
    const standing = yield* index
    if (stays(standing) && !hasRepodataTraces(output)) {
      return { tag: "Unchanged" as const, warnings: standing.warnings }
    }
    const lock = { ignoreForeign: request.ignoreLock, onWait: () => onEvent({ _tag: "WaitsForPublication" }) }
    return yield* withRepodataLock(output, lock, (aside, undone) =>
      Effect.gen(function* () {
        // read again: nobody changes it from here on
        const read = yield* index
        const { old, repomd, warnings } = read
        const drpmsBefore = yield* listedDrpms(output, old)
        yield* removeUndone(output, undone, new Set(old === null ? [] : namesOf(old)), drpmsBefore)
        if (stays(read)) return { tag: "Unchanged" as const, warnings }
        const keepsDrpms = files["prestodelta"] === undefined && repomd.records.some(isPrestodelta)
        const times = new Map(repomd.records.map(({ href, timestamp }) => [href, timestamp]))
        const repodata = {
          files: Object.values(files).map((file) => {
            const name = storedName(file, options)
            return { name, content: file.content, time: times.get(`repodata/${name}`) ?? 0 }
          }),
          repomd: repomdXml(repomd),
          kept: new Set(namesOf(repomd)),
          listedBefore: new Set(old === null ? [] : namesOf(old)),
          retention: request.retention,
          drpms: {
            files: drpms,
            kept: new Set(keepsDrpms ? drpmsBefore.map(({ name }) => name) : []),
            listedBefore: drpmsBefore
          }
        }
        yield* withBlobs(writeRepodata(output, aside, repodata, now))
        const signed = existsSync(join(output, "repodata", "repomd.xml.asc"))
        const stale = signed ? ["repodata/repomd.xml.asc signs the repomd.xml that was replaced: sign the new one"] : []
        return { tag: "Published" as const, warnings: [...warnings, ...stale] }
      })
    )
  })

/** null where there is none, or none that can be read: then nothing of it is kept, and none of its files goes. */
const readOldRepomd = (output: string) =>
  Effect.map(readRepomdFile(output), (bytes): { old: Repomd | null; warnings: ReadonlyArray<string> } => {
    if (bytes === undefined) return { old: null, warnings: [] }
    const read = readRepomd(bytes)
    return Either.isRight(read)
      ? { old: read.right, warnings: [] }
      : { old: null, warnings: [`the old repodata/repomd.xml cannot be read and is replaced: ${read.left.reason}`] }
  })

const namesOf = ({ records }: Repomd): ReadonlyArray<string> =>
  records.flatMap((record) => nameInRepodata(record) ?? [])

const isPrestodelta = ({ type }: { readonly type: string }): boolean => type === "prestodelta"

/** The same index, but for its dates, and all that it lists is there. */
const isUnchanged = (output: string, old: Repomd | null, now: Repomd, drpms: ReadonlyArray<Drpm>): boolean =>
  old !== null &&
  equalButForDates(old, now) &&
  drpms.every((drpm) => hasDrpm(output, drpm)) &&
  now.records.every((record) => {
    const name = nameInRepodata(record)
    const stat = name === undefined ? undefined : statSync(join(output, "repodata", name), { throwIfNoEntry: false })
    return name === undefined || (stat?.isFile() === true && (record.size ?? stat.size) === stat.size)
  })

const missingKept = (
  output: string,
  files: OutputOf<typeof Createrepo>["files"],
  old: Repomd | null,
  options: RepomdOptions
): ReadonlyArray<string> =>
  keptRecords(files, old, options).flatMap((record) => {
    const name = nameInRepodata(record)
    return name === undefined || existsSync(join(output, "repodata", name))
      ? []
      : [
          `repodata/${name}, which repomd.xml lists as ${record.type}, is missing; --discard-additional-metadata drops it`
        ]
  })
