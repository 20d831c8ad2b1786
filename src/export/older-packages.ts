import { existsSync, readFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { Effect, Schema } from "effect"
import {
  type BlobMissing,
  type Digest,
  makeDigest,
  readBlob,
  type Store,
  type StoreError,
  withBlobs
} from "../../graph/index.ts"
import {
  DirectoryChunk,
  DirectoryList,
  type OlderListDigest,
  type OlderPackage,
  writeOlderList
} from "../../rules/index.ts"
import { entryUrl } from "../bundle/entries.ts"
import type { HubUnavailable } from "../hub/errors.ts"
import { Hub } from "../hub/hub.ts"
import { debugFolder, packageHref } from "../koji/topdir.ts"
import { fileName, unsafeSegment } from "../rpm/nevra.ts"
import { readDirectory } from "../source/directory.ts"
import { type DeltaBase, UnusableDeltaBase } from "./delta-bases.ts"

/** The packages of an older repository. */
export interface OlderPackages {
  readonly list: typeof OlderListDigest.Type
  /** Where they lie in that repository; absolute. For what lies nowhere else any more. */
  readonly files: ReadonlyMap<Digest, string>
  readonly warnings: ReadonlyArray<string>
}

/**
 * The packages that a repo has of an arch, all those that its `kojipkgs` lists, by the checksums that the hub recorded of them. What it has
 * forgotten since is read in the repo itself. Null where the repo has no such arch.
 */
export const olderPackages = (
  { path }: DeltaBase,
  arch: string
): Effect.Effect<OlderPackages | null, UnusableDeltaBase | HubUnavailable | StoreError | BlobMissing, Hub | Store> =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const directory = join(path, arch)
    if (!existsSync(directory)) return null
    const listed = yield* readKojipkgs(join(directory, "kojipkgs"))
    const known = yield* hub.rpmFiles(listed)
    const forgotten = listed.filter((_, index) => known[index] == null)
    const hasOwnDebug = existsSync(join(directory, debugFolder, "Packages"))
    const pathOf = (entry: typeof Entry.Type): string =>
      `${hasOwnDebug && entry._subrepo === debugFolder ? `${debugFolder}/` : ""}${packageHref(fileName(entry))}`
    const read = forgotten.length === 0 ? noneRead : yield* readFiles(directory, forgotten.map(pathOf))
    const found = listed.flatMap((entry, index) => {
      const copy = known[index]
      const path = pathOf(entry)
      const file = copy == null ? read.digests.get(path) : makeDigest(copy.sha256, copy.size)
      const { arch, epoch, name, release, version } = entry
      const older = (digest: Digest): OlderPackage => ({ name, epoch, version, release, arch, file: digest })
      return file === undefined ? [] : [{ path, older: older(file) }]
    })
    return {
      list: yield* withBlobs(writeOlderList(found.map(({ older }) => older))),
      files: new Map(found.map(({ older, path }) => [older.file, join(directory, path)])),
      warnings: read.warnings
    }
  })

/** An entry of `kojipkgs`, as far as it matters here. */
const Entry = Schema.Struct({
  id: Schema.Int,
  name: Schema.String,
  version: Schema.String,
  release: Schema.String,
  epoch: Schema.NullOr(Schema.Int),
  arch: Schema.String,
  sigkey: Schema.NullOr(Schema.String),
  _subrepo: Schema.optional(Schema.String)
})

const decodeKojipkgs = Schema.decodeUnknown(Schema.parseJson(Schema.Record({ key: Schema.String, value: Entry })))

const readKojipkgs = (path: string): Effect.Effect<ReadonlyArray<typeof Entry.Type>, UnusableDeltaBase> =>
  Effect.gen(function* () {
    const bad = (reason: string) => new UnusableDeltaBase({ reason: `deltas cannot be made from ${path}: ${reason}` })
    const text = yield* Effect.try({
      try: () => readFileSync(path, "utf8"),
      catch: (cause) => bad(cause instanceof Error ? cause.message : String(cause))
    })
    const entries = Object.values(yield* Effect.mapError(decodeKojipkgs(text), ({ message }) => bad(message)))
    for (const { arch, name, release, version } of entries) {
      const unsafe = [name, version, release, arch].find((segment) => unsafeSegment(segment) !== null)
      if (unsafe !== undefined) return yield* bad(`${JSON.stringify(unsafe)} ${unsafeSegment(unsafe)}`)
    }
    return entries
  })

interface Read {
  /** By the path in the repository. */
  readonly digests: ReadonlyMap<string, Digest>
  readonly warnings: ReadonlyArray<string>
}

const noneRead: Read = { digests: new Map(), warnings: [] }

const readFiles = (
  directory: string,
  paths: ReadonlyArray<string>
): Effect.Effect<Read, StoreError | BlobMissing, Store> =>
  Effect.gen(function* () {
    const content = yield* readDirectory(
      {
        directory,
        excludes: [],
        skipSymlinks: false,
        list: paths,
        trust: "stat",
        checksumType: "sha256",
        location: { cutDirs: 0, prefix: "" },
        repair: false
      },
      { workers: availableParallelism(), workerEntry: entryUrl("hash-worker") }
    )
    const chunks = yield* withBlobs(
      Effect.flatMap(readBlob(DirectoryList, content.packages), (refs) =>
        Effect.forEach(refs, (ref) => readBlob(DirectoryChunk, ref.chunk))
      )
    )
    return {
      digests: new Map(chunks.flat().map(({ file, path }) => [path, file])),
      warnings: content.problems.map(({ path, reason }) => `no delta is made from ${join(directory, path)}: ${reason}`)
    }
  })
