import { createHash } from "node:crypto"
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statfsSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Data, Effect, type Scope } from "effect"
import { SCHEMA_VERSION } from "../../../src/hub/schema.ts"
import { settle } from "../measure/bare-costs.ts"
import type { Distgraph } from "../measure/distgraph.ts"
import { type CommandFailed, measure } from "../measure/measure.ts"
import type { Model } from "../packages/clone.ts"
import {
  type GeneratedBuild,
  type GenerateOptions,
  packageBytes,
  planBuilds,
  updatedBuild
} from "../packages/generate.ts"
import { type Folders, foldersIn } from "./folders.ts"
import { addBenchTag, importBuilds, linkPackages, listPackages, tagBuilds, unlinkPackages } from "./hub-filling.ts"

export interface DataOptions extends GenerateOptions {
  readonly arches: ReadonlyArray<string>
  readonly payloadBytes: number
  readonly models: ReadonlyArray<Model>
  /** The folder in which data sets are kept; where not given it is thrown away after use. */
  readonly kept: string | undefined
  /** Leaves results where they are. */
  readonly keepResults: boolean
  readonly say: (text: string) => Effect.Effect<void>
}

/** Generated packages in a hub's tag, and the same in a folder an arch. */
export interface DataSet {
  readonly folders: Folders
  readonly packages: number
  readonly payloadBytes: number
  /** The builds in the tag now, in the order of the plan; {@link replaceBuilds} changes it. */
  readonly tagged: Array<GeneratedBuild>
  readonly bytes: ReturnType<typeof packageBytes>
}

export class NotEnoughRoom extends Data.TaggedError("NotEnoughRoom")<{
  readonly folder: string
  readonly needed: number
  readonly free: number
}> {
  override get message(): string {
    const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`
    return `${this.folder} has ${gib(this.free)} free, and the packages take ${gib(this.needed)}: ask for fewer, smaller payloads, or give --data on another file system.`
  }
}

/** Takes a kept data set, or makes it. It starts with the hub as it was made: nothing exported, no metadata, no store. */
export const openDataSet = (
  distgraph: Distgraph,
  options: DataOptions
): Effect.Effect<DataSet, CommandFailed | NotEnoughRoom, Scope.Scope> =>
  Effect.gen(function* () {
    const builds = planBuilds(options.models, options)
    const parameters = parametersOf(options)
    const folders = foldersIn(yield* rootFolder(options, parameters), options.arches)
    const data: DataSet = {
      folders,
      packages: options.packages,
      payloadBytes: options.payloadBytes,
      tagged: [...builds],
      bytes: packageBytes(options)
    }
    if (existsSync(folders.parameters)) {
      yield* options.say(`taking the packages in ${folders.root}`)
      removeResults(folders, builds)
      restore(data)
    } else {
      const files = builds.reduce((sum, build) => sum + build.packages.length, 0)
      yield* options.say(`generating ${files} packages of ${builds.length} builds in ${folders.root}`)
      yield* make(distgraph, data)
      writeFileSync(folders.parameters, parameters)
    }
    yield* settle
    yield* readAll(folders)
    if (options.kept !== undefined && !options.keepResults) {
      yield* Effect.addFinalizer(() => Effect.sync(() => removeResults(folders, builds)))
    }
    return data
  })

/** Puts the next release of some builds, given by their places in `tagged`, into the tag and into the arches' folders; not measured. */
export const replaceBuilds = (
  distgraph: Distgraph,
  data: DataSet,
  places: ReadonlyArray<number>
): Effect.Effect<ReadonlyArray<GeneratedBuild>, CommandFailed> =>
  Effect.gen(function* () {
    const old = places.flatMap((place) => data.tagged[place] ?? [])
    const updates = old.map(updatedBuild)
    yield* importBuilds(distgraph, data.folders, updates, data.bytes)
    yield* tagBuilds(distgraph, data.folders, "untag-build", old)
    yield* tagBuilds(distgraph, data.folders, "tag-build", updates)
    unlinkPackages(data.folders, old)
    linkPackages(data.folders, updates)
    for (const [index, place] of places.entries()) {
      const update = updates[index]
      if (update !== undefined) data.tagged[place] = update
    }
    return updates
  })

/** The package files of the first arch. */
export const packageFiles = ({ folders }: DataSet): ReadonlyArray<string> => {
  const folder = folders.arches[0]?.path ?? folders.root
  return readdirSync(folder)
    .filter((name) => name.endsWith(".rpm"))
    .map((name) => join(folder, name))
}

const make = (distgraph: Distgraph, data: DataSet) =>
  Effect.gen(function* () {
    const { folders } = data
    const free = freeBytes(folders.root)
    const needed = neededBytes(data)
    if (needed > free) yield* new NotEnoughRoom({ folder: folders.root, needed, free })
    makeFolders(folders)
    yield* addBenchTag(distgraph, folders)
    yield* importBuilds(distgraph, folders, data.tagged, data.bytes)
    yield* listPackages(distgraph, folders, data.tagged)
    yield* tagBuilds(distgraph, folders, "tag-build", data.tagged)
    linkPackages(folders, data.tagged)
    rmSync(folders.incoming, { recursive: true, force: true })
    copyFileSync(join(folders.topdir, "hub.db"), folders.pristineHub)
  })

/** Reads all packages, so that memory holds them, if it can, when the cases begin: neither tool is to wait for what the other then has. */
const readAll = ({ root }: Folders) =>
  measure("sh", ["-c", `find "$0" -name '*.rpm' -exec cat {} + >/dev/null`, join(root, "arches")])

/** Removes what a bench has made of the data set: stores, repos, and the later releases that it imported. */
const removeResults = (folders: Folders, builds: ReadonlyArray<GeneratedBuild>): void => {
  for (const path of [folders.store, folders.scratch, folders.incoming, join(folders.topdir, "repos-dist")])
    remove(path)
  for (const { name, release, version } of builds) {
    const releases = join(folders.topdir, "packages", name, version)
    for (const other of readdirSync(releases).filter((each) => each !== release)) remove(join(releases, other))
  }
}

/** Brings the hub and the arches' folders back to how they were made. */
const restore = ({ folders, tagged }: DataSet): void => {
  const { root, topdir } = folders
  for (const path of [
    join(topdir, "hub.db-wal"),
    join(topdir, "hub.db-shm"),
    join(topdir, "work"),
    join(root, "arches")
  ]) {
    remove(path)
  }
  copyFileSync(folders.pristineHub, join(topdir, "hub.db"))
  makeFolders(folders)
  linkPackages(folders, tagged)
}

const makeFolders = (folders: Folders): void => {
  for (const path of [folders.topdir, ...folders.arches.map(({ path }) => path)]) mkdirSync(path, { recursive: true })
}

/** All that decides what the packages are, `format` standing for the generator, and the version of the database they are in. */
const parametersOf = ({ arches, files, models, noarchShare, packages, payloadBytes, seed }: DataOptions): string => {
  const modelDigest = createHash("sha256")
  for (const { headerSize, name, release, version } of models)
    modelDigest.update(`${name}-${version}-${release} ${headerSize}\n`)
  const what = {
    format: 1,
    packages,
    arches,
    payloadBytes,
    seed,
    noarchShare,
    files,
    models: modelDigest.digest("hex")
  }
  return `${JSON.stringify({ ...what, hubSchema: SCHEMA_VERSION }, undefined, 2)}\n`
}

const rootFolder = (options: DataOptions, parameters: string): Effect.Effect<string, never, Scope.Scope> => {
  if (options.kept === undefined) {
    return Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), `distgraph-bench-${options.packages}-`))),
      (folder) => (options.keepResults ? options.say(`kept: ${folder}`) : Effect.sync(() => remove(folder)))
    )
  }
  const digest = createHash("sha256").update(parameters).digest("hex").slice(0, 8)
  const root = join(options.kept, `${options.packages}x${options.arches.length}-${options.payloadBytes}-${digest}`)
  const opened = Effect.sync(() => {
    if (!existsSync(join(root, "parameters.json"))) remove(root) // what a bench that was stopped has left
    mkdirSync(root, { recursive: true })
    return root
  })
  return options.keepResults
    ? Effect.zipLeft(
        opened,
        Effect.addFinalizer(() => options.say(`kept: ${root}`))
      )
    : opened
}

const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })

const freeBytes = (folder: string): number => {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

/** The files in whole blocks, their stored signature headers, and as much again as an export of them all takes. */
const neededBytes = ({ payloadBytes, tagged }: DataSet): number =>
  tagged
    .flatMap(({ packages }) => packages)
    .reduce((sum, { model }) => sum + payloadBytes + 2 * model.headerSize + 3 * 4096, 0)
