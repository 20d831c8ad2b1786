import { statSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import {
  type BlobMissing,
  type Blobs,
  hashOf,
  type InputOf,
  type OutputOf,
  readBlob,
  type Store,
  type StoreError,
  sizeOf
} from "../../graph/index.ts"
import { type Compression, type Createrepo, Directory } from "../../rules/index.ts"
import type { Drpm } from "../publish/drpms.ts"
import { type ListedDrpm, readPrestodelta } from "../repodata/read-prestodelta.ts"
import type { Repomd } from "../repodata/repomd.ts"
import { type DirectoryContent, type DirectoryRequest, readDirectory } from "../source/directory.ts"
import type { HashOptions } from "../source/hash-files.ts"
import { deltaTool, type NoDeltaTool } from "./delta-tool.ts"
import { nameInRepodata } from "./repomd-of.ts"
import { impossibleDelta } from "./text-warning.ts"
import { readUnpacked } from "./unpacked-file.ts"
import { UnusableDirectory } from "./unusable-directory.ts"

/** Which delta rpms a directory's repository is to have. */
export interface DirectoryDeltaRequest {
  /** Folders of older packages; absolute. */
  readonly older: ReadonlyArray<string>
  /** From how many editions in each of them a package has deltas, at most: the newest. */
  readonly perRepository: number
  /** Packages of this installed size, in bytes, and larger ones have none. */
  readonly maxInstalledSize: number
  /** Of their list. */
  readonly compression: Compression
}

/** What the graph is given of the older packages. */
export interface OlderDirectories {
  readonly input: Pick<InputOf<typeof Createrepo>, "deltas">
  readonly contents: ReadonlyArray<DirectoryContent>
  readonly warnings: ReadonlyArray<string>
}

type Deltas = NonNullable<OutputOf<typeof Createrepo>["deltas"]>

/** Fails where a folder of older packages is not there: without its packages deltas that are published would go. */
export const refuseUnusableOlder = (wanted: DirectoryDeltaRequest | null): Effect.Effect<void, UnusableDirectory> =>
  Effect.suspend(() => {
    const older = wanted?.older ?? []
    const missing = older.filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true)
    if (missing.length === 0) return Effect.void
    const reasons = missing.map((path) => `the directory of older packages ${path} is not there; make it first`)
    return new UnusableDirectory({ reason: reasons.join("\n") })
  })

/** Finds the tool that makes deltas, and reads the older packages: all of them, as they would be listed. */
export const olderDirectories = (
  wanted: DirectoryDeltaRequest | null,
  { checksumType, repair, trust }: Pick<DirectoryRequest, "checksumType" | "repair" | "trust">,
  options: Omit<HashOptions, "algorithm">
): Effect.Effect<OlderDirectories, NoDeltaTool | StoreError | BlobMissing, Store> =>
  Effect.gen(function* () {
    if (wanted === null) return { input: {}, contents: [], warnings: [] }
    const { older, ...how } = wanted
    const tool = yield* deltaTool
    const all = { excludes: [], skipSymlinks: false, list: null, location: { cutDirs: 0, prefix: "" } }
    const reading = { ...all, checksumType, repair, trust }
    const contents = yield* Effect.forEach(older, (directory) => readDirectory({ ...reading, directory }, options))
    return {
      input: { deltas: { older: contents.map(({ packages }) => packages), tool, ...how } },
      contents,
      warnings: contents.flatMap(({ problems }, index) =>
        problems.map(({ path, reason }) => noDeltaFrom(join(older[index] ?? "", path), reason))
      )
    }
  })

/** What stood in the way of deltas, in words for people. */
export const deltaWarnings = (
  wanted: DirectoryDeltaRequest | null,
  { impossible, unnamed }: Deltas
): ReadonlyArray<string> => [
  ...unnamed.flatMap((packages, index) =>
    packages.map(({ package: path, reason }) => noDeltaFrom(join(wanted?.older[index] ?? "", path), reason))
  ),
  ...impossible.map(impossibleDelta)
]

/** The delta rpms that were made. */
export const madeDrpms = (deltas: Deltas | undefined): Effect.Effect<ReadonlyArray<Drpm>, never, Blobs> =>
  deltas === undefined
    ? Effect.succeed([])
    : Effect.map(readBlob(Directory, deltas.drpms), ({ entries }) =>
        entries.flatMap((entry) =>
          entry.type === "file"
            ? [{ name: entry.name, content: entry.content, size: sizeOf(entry.content), sha256: hashOf(entry.content) }]
            : []
        )
      )

/** The delta rpms that a repository lists. None where their list cannot be read: then they are left as they are. */
export const listedDrpms = (output: string, repomd: Repomd | null): Effect.Effect<ReadonlyArray<ListedDrpm>> =>
  Effect.gen(function* () {
    const record = repomd?.records.find(({ type }) => type === "prestodelta")
    const name = record === undefined ? undefined : nameInRepodata(record)
    if (name === undefined) return []
    const { content } = yield* readUnpacked(join(output, "repodata", name))
    return yield* readPrestodelta(content)
  }).pipe(Effect.orElseSucceed(() => []))

const noDeltaFrom = (path: string, reason: string): string => `no delta is made from ${path}: ${reason}`
