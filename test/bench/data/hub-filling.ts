import { existsSync, linkSync, readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Chunk, Effect, Either } from "effect"
import { primaryRpm } from "../../../src/koji/topdir.ts"
import { type Distgraph, runDistgraph } from "../measure/distgraph.ts"
import type { CommandFailed } from "../measure/measure.ts"
import { type GeneratedBuild, writeBuilds } from "../packages/generate.ts"
import type { Folders } from "./folders.ts"

/** The tag that all is exported from. */
export const benchTag = "bench"

/** Generates packages and imports them into the hub; not measured. */
export const importBuilds = (
  distgraph: Distgraph,
  folders: Folders,
  builds: ReadonlyArray<GeneratedBuild>,
  bytes: Parameters<typeof writeBuilds>[2]
): Effect.Effect<void, CommandFailed> =>
  inBatches(builds, (batch, number) =>
    Effect.gen(function* () {
      const incoming = join(folders.incoming, String(number))
      const files = writeBuilds(incoming, batch, bytes)
      yield* hub(distgraph, folders, ["import", ...files])
      rmSync(incoming, { recursive: true })
    })
  )

/** Lets the tag have the packages of some builds. */
export const listPackages = (
  distgraph: Distgraph,
  folders: Folders,
  builds: ReadonlyArray<GeneratedBuild>
): Effect.Effect<void, CommandFailed> =>
  inBatches(builds, (batch) =>
    hub(distgraph, folders, ["add-pkg", "--owner", "bench", benchTag, ...batch.map(({ name }) => name)])
  )

/** Puts builds into the tag, or out of it. */
export const tagBuilds = (
  distgraph: Distgraph,
  folders: Folders,
  command: "tag-build" | "untag-build",
  builds: ReadonlyArray<GeneratedBuild>
): Effect.Effect<void, CommandFailed> =>
  inBatches(builds, (batch) => hub(distgraph, folders, [command, benchTag, ...batch.map(({ nvr }) => nvr)]))

/** Makes the tag. */
export const addBenchTag = (distgraph: Distgraph, folders: Folders): Effect.Effect<void, CommandFailed> =>
  hub(distgraph, folders, ["add-tag", benchTag, "--arches", folders.arches.map(({ arch }) => arch).join(" ")])

/** Links the imported packages of some builds into the folders that createrepo_c reads: those of an arch and those for all. */
export const linkPackages = (folders: Folders, builds: ReadonlyArray<GeneratedBuild>): void => {
  for (const { name, packages, release, version } of builds) {
    for (const { fileName, identity } of packages) {
      const rpm = { name: identity.name, version, release, arch: identity.arch }
      const file = Either.getOrThrow(primaryRpm({ name, version, release, volume: null }, rpm))
      for (const { arch, path } of folders.arches) {
        if (identity.arch === "noarch" || identity.arch === arch)
          linkSync(join(folders.topdir, file), join(path, fileName))
      }
    }
  }
}

/** Takes the packages of some builds out of those folders. */
export const unlinkPackages = (folders: Folders, builds: ReadonlyArray<GeneratedBuild>): void => {
  for (const { fileName, identity } of builds.flatMap(({ packages }) => packages)) {
    for (const { arch, path } of folders.arches) {
      if (identity.arch === "noarch" || identity.arch === arch) rmSync(join(path, fileName))
    }
  }
}

const batchSize = 300

/** Two at a time: while one is imported, the packages of the next are generated. */
const inBatches = (
  builds: ReadonlyArray<GeneratedBuild>,
  each: (batch: ReadonlyArray<GeneratedBuild>, number: number) => Effect.Effect<void, CommandFailed>
): Effect.Effect<void, CommandFailed> =>
  Effect.forEach(
    Chunk.chunksOf(Chunk.fromIterable(builds), batchSize),
    (batch, number) => Effect.suspend(() => each(Chunk.toReadonlyArray(batch), number)),
    { concurrency: 2, discard: true }
  )

/** A hub that is thrown away need not wait for the disk. */
const hub = (distgraph: Distgraph, { store, topdir }: Folders, args: ReadonlyArray<string>) =>
  Effect.asVoid(
    runDistgraph(
      distgraph,
      { topdir, store: join(store, "import") },
      args,
      eatMyData === undefined ? {} : { LD_PRELOAD: eatMyData }
    )
  )

/** The library that makes flushes do nothing, where Debian's package eatmydata or its like is installed. */
const eatMyData = ["/usr/lib", "/usr/lib64"]
  .flatMap((folder) => (existsSync(folder) ? [folder, ...readdirSync(folder).map((name) => join(folder, name))] : []))
  .map((folder) => join(folder, "libeatmydata.so"))
  .find((path) => existsSync(path))
