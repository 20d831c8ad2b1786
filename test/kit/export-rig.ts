import { createHash } from "node:crypto"
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Cause, Effect, Exit, Layer } from "effect"
import { layerDirectory, type Store } from "../../graph/index.ts"
import { type DistRepoError, type DistRepoResult, distRepo, type ExportEvent } from "../../src/export/dist-repo.ts"
import { noMetadata } from "../../src/export/given-metadata.ts"
import type { DistRepoRequest } from "../../src/export/request.ts"
import { Hub } from "../../src/hub/hub.ts"
import { layerLocalHub } from "../../src/source/local-hub.ts"
import type { Source } from "../../src/source/source.ts"
import { type FixtureCopy, fixture, fixtureKeys, fixtureNames } from "./fixtures.ts"

/** What an export of the rig asks for, unless a test says otherwise: every rpm of the tag signed with key A, gz, linked. */
export const rigRequest: DistRepoRequest = {
  tag: "demo",
  keys: [fixtureKeys.a],
  arches: [],
  event: null,
  inherit: true,
  latest: true,
  withSrc: false,
  volume: null,
  comps: null,
  multilib: null,
  filterComps: null,
  given: noMetadata,
  splitDebuginfo: null,
  limitNoarch: false,
  signer: null,
  writeSignedRpms: false,
  skipStat: null,
  zchunk: null,
  database: false,
  deltaRpms: [],
  missingSignatures: "fail",
  compression: "gz",
  openChecksum: true,
  layout: "hardlink",
  force: false
}

/** The builds of {@link exportRig}'s tag at first: all that key A has signed, and the older of both hellos. */
export const rigBuilds: ReadonlyArray<string> = [
  "demo-release-42-1",
  "minish-5-2",
  "hello-1.0-1",
  "libgreet-2.0-3",
  "clockwork-3.2-4",
  "weather-2.0~rc1-1"
]

export interface ExportOptions {
  /** Another store than the rig's: a new folder is an empty one, so the export starts from scratch. */
  readonly store?: string
  readonly onEvent?: (event: ExportEvent) => void
}

/**
 * A hub with the fixture packages in a folder of its own, signatures of both keys imported and the signed copies written, a tag
 * "demo" (x86_64, aarch64) of {@link rigBuilds} that lists the other packages too, and a store. Each export opens hub and store
 * anew, as a process would. `close` removes everything. The folder is made `in` memory where the system has a file system there; `imports`
 * names the copies that are imported where there are some, by default the unsigned ones; with `copies: false` no signed copy is written.
 */
export const exportRig = async (
  options: {
    readonly in?: string
    readonly builds?: ReadonlyArray<string>
    readonly imports?: FixtureCopy
    readonly copies?: boolean
  } = {}
) => {
  const folder = mkdtempSync(join(options.in ?? quickFolder, "distgraph-export-"))
  const topdir = join(folder, "topdir")
  const store = join(folder, "store")

  /** Runs with the hub, the source and the store open. */
  const run = <A, E>(effect: Effect.Effect<A, E, Hub | Source | Store>, at = store): Promise<A> =>
    Effect.runPromiseExit(Effect.provide(effect, layers(topdir, at))).then(orThrow)

  const hub = <A, E>(use: (hub: Hub["Type"]) => Effect.Effect<A, E>): Promise<A> =>
    Effect.runPromiseExit(Effect.provide(Effect.flatMap(Hub, use), Hub.layer(topdir))).then(orThrow)

  const exporting = (request: Partial<DistRepoRequest>, { onEvent }: ExportOptions) =>
    distRepo({ ...rigRequest, ...request }, onEvent)

  await hub((hub) =>
    Effect.gen(function* () {
      const files = (copy: FixtureCopy) => fixtureNames(copy).map((name) => fixture(copy, name))
      const imported = (name: string) =>
        [options.imports ?? "unsigned", "unsigned" as const].map((copy) => fixture(copy, name)).find(existsSync)
      yield* hub.importRpms(fixtureNames("unsigned").flatMap((name) => imported(name) ?? []))
      yield* hub.importSignatures([...files("key-a"), ...files("key-b")], { write: options.copies ?? true })
      yield* hub.addTag("demo", { arches: "x86_64 aarch64" })
      yield* hub.addPackages("demo", rigPackages)
      yield* hub.tagBuild("demo", options.builds ?? rigBuilds)
    })
  )

  return {
    folder,
    topdir,
    store,
    run,
    hub,
    /** Exports; throws what the export failed with. */
    export: (request: Partial<DistRepoRequest> = {}, options: ExportOptions = {}): Promise<DistRepoResult> =>
      run(exporting(request, options), options.store),
    /** Exports, and fails if nothing was published. */
    publish: async (request: Partial<DistRepoRequest> = {}, options: ExportOptions = {}) => {
      const result = await run(exporting(request, options), options.store)
      if (result._tag !== "Published") throw new Error(`repo ${result.repo.id} was meant to be replaced, but stands`)
      return result
    },
    /** The failure of an export that is meant to fail. */
    exportFailure: (request: Partial<DistRepoRequest> = {}, options: ExportOptions = {}): Promise<DistRepoError> =>
      run(Effect.flip(exporting(request, options)), options.store),
    /** The folder of a tag's repos. */
    /** Makes a volume, on the topdir's file system. */
    addVolume: (name: string) => {
      mkdirSync(join(topdir, "vol", name), { recursive: true })
      return hub((opened) => opened.addVolume(name))
    },
    tagDir: (tag: string = rigRequest.tag): string => join(topdir, "repos-dist", tag),
    /** The hub's repos of a tag, as `3 READY`. */
    repoStates: async (tag: string = rigRequest.tag): Promise<ReadonlyArray<string>> =>
      (await hub((hub) => hub.repos(tag))).map(({ id, state }) => `${id} ${state}`),
    close: (): void => rmSync(folder, { recursive: true, force: true })
  }
}

export type ExportRig = Awaited<ReturnType<typeof exportRig>>

/** Something found in a folder: a file by its content, a link by its target. Times in milliseconds. */
export interface TreeEntry {
  /** Relative to the folder, with "/" between segments. */
  readonly path: string
  readonly type: "file" | "directory" | "link"
  /** Hex; "" but for files. */
  readonly sha256: string
  /** "" but for links. */
  readonly target: string
  readonly mode: number
  readonly mtime: number
  readonly device: number
  readonly inode: number
  readonly nlink: number
}

/** Everything below a folder, sorted by path; what links lead to is not. */
export const treeOf = (folder: string): ReadonlyArray<TreeEntry> => entriesBelow(folder, "")

/** What a reader of a folder sees: each path with the sha256 of its file, the target of its link, or "directory". Times and inodes do not matter. */
export const contentOf = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    treeOf(folder).map(({ path, sha256, target, type }) => [
      path,
      type === "file" ? sha256 : type === "link" ? `-> ${target}` : "directory"
    ])
  )

/**
 * What readers see of a repo but its repo.json, which holds the id: each file with its sha256. Links are followed, so it is the same in
 * every layout.
 */
export const readersView = (tagDir: string, id: number): Readonly<Record<string, string>> => {
  const repo = join(tagDir, String(id))
  const paths = (below: string): ReadonlyArray<string> =>
    readdirSync(join(repo, below)).flatMap((name) => {
      const path = below === "" ? name : `${below}/${name}`
      return statSync(join(repo, path)).isDirectory() ? paths(path) : [path]
    })
  const sums = paths("").map((path) => [path, sha256Of(join(repo, path))])
  return Object.fromEntries(sums.filter(([path]) => path !== "repo.json"))
}

/** Where nothing waits for a disk. */
const quickFolder = existsSync("/dev/shm") ? "/dev/shm" : tmpdir()

/** The names of all packages in the fixtures. */
const rigPackages = [
  "clockwork",
  "demo-release",
  "forecast",
  "hello",
  "libgreet",
  "minish",
  "scratchpad",
  "weather"
] as const

const layers = (topdir: string, store: string) =>
  Layer.merge(Layer.provideMerge(layerLocalHub, Hub.layer(topdir)), layerDirectory(store))

/** The value, or what the effect failed with, thrown as it is: `runPromise` would wrap it. */
const orThrow = <A, E>(exit: Exit.Exit<A, E>): A => {
  if (Exit.isSuccess(exit)) return exit.value
  throw Cause.squash(exit.cause)
}

const entriesBelow = (folder: string, below: string): ReadonlyArray<TreeEntry> =>
  readdirSync(join(folder, below))
    .sort()
    .flatMap((name) => {
      const entry = entryOf(folder, below === "" ? name : `${below}/${name}`)
      return entry.type === "directory" ? [entry, ...entriesBelow(folder, entry.path)] : [entry]
    })

const entryOf = (folder: string, path: string): TreeEntry => {
  const full = join(folder, path)
  const found = lstatSync(full)
  return {
    path,
    type: found.isSymbolicLink() ? "link" : found.isDirectory() ? "directory" : "file",
    sha256: found.isFile() ? sha256Of(full) : "",
    target: found.isSymbolicLink() ? readlinkSync(full) : "",
    mode: found.mode,
    mtime: found.mtimeMs,
    device: found.dev,
    inode: found.ino,
    nlink: found.nlink
  }
}

const sha256Of = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex")
