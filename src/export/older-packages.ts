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
import { packageHref } from "../koji/topdir.ts"
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
    const read = forgotten.length === 0 ? noneRead : yield* readFiles(directory, forgotten)
    const packages = listed.flatMap(({ arch, epoch, name, release, version }, index): ReadonlyArray<OlderPackage> => {
      const copy = known[index]
      const nevra = { name, epoch, version, release, arch }
      const file = copy == null ? read.digests.get(packageHref(fileName(nevra))) : makeDigest(copy.sha256, copy.size)
      return file === undefined ? [] : [{ ...nevra, file }]
    })
    return {
      list: yield* withBlobs(writeOlderList(packages)),
      files: new Map(packages.map((listed) => [listed.file, join(directory, packageHref(fileName(listed)))])),
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
  sigkey: Schema.NullOr(Schema.String)
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
  packages: ReadonlyArray<typeof Entry.Type>
): Effect.Effect<Read, StoreError | BlobMissing, Store> =>
  Effect.gen(function* () {
    const content = yield* readDirectory(
      {
        directory,
        excludes: [],
        skipSymlinks: false,
        list: packages.map((listed) => packageHref(fileName(listed))),
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
