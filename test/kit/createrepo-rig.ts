import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { Effect } from "effect"
import { layerDirectory } from "../../graph/index.ts"
import { type CreaterepoEvent, type CreaterepoRequest, createrepo } from "../../src/export/createrepo.ts"
import { noMetadata } from "../../src/export/given-metadata.ts"
import { type FixtureCopy, fixture } from "./fixtures.ts"

/** A time long past, in Unix seconds, so that files are trusted by their looks. */
export const longAgo = 1_600_000_000

/** A directory of packages in a folder of its own, with stores beside it. */
export const createrepoRig = () => {
  const folder = mkdtempSync(join(tmpdir(), "distgraph-createrepo-"))
  const directory = join(folder, "packages")
  mkdirSync(directory)
  const request: CreaterepoRequest = {
    directory,
    output: directory,
    excludes: [],
    skipSymlinks: false,
    pkglist: null,
    includePackages: [],
    trust: "stat",
    location: { cutDirs: 0, prefix: "" },
    base: null,
    checksumType: "sha256",
    compression: "gz",
    changelogLimit: 10,
    openChecksum: true,
    zchunk: null,
    database: false,
    deltas: null,
    groupFile: null,
    groupRecords: [{ type: "group", compression: "gz" }],
    given: noMetadata,
    repomd: {
      checksumType: "sha256",
      uniqueNames: true,
      tags: { content: [], repo: [], distro: [] },
      revision: null,
      timestampToRevision: false,
      keepAdditional: true
    },
    retention: { kind: "unlisted" },
    retentionGiven: false,
    ignoreLock: false,
    workers: 2
  }
  return {
    folder,
    directory,
    request,
    /** Puts a fixture package at a path in the directory, with a modification time in Unix seconds. */
    place: (path: string, name: string, copy: FixtureCopy = "unsigned", time = longAgo): void => {
      const at = join(directory, path)
      mkdirSync(dirname(at), { recursive: true })
      cpSync(fixture(copy, name), at)
      utimesSync(at, time, time)
    },
    /** Runs it as an effect, for tests that look at failures or interrupt. */
    making: (
      over: Partial<CreaterepoRequest> = {},
      store = "store",
      onEvent: (event: CreaterepoEvent) => void = () => {}
    ) => createrepo({ ...request, ...over }, onEvent).pipe(Effect.provide(layerDirectory(join(folder, store)))),
    make: (over: Partial<CreaterepoRequest> = {}, store = "store") =>
      Effect.runPromise(createrepo({ ...request, ...over }).pipe(Effect.provide(layerDirectory(join(folder, store))))),
    close: (): void => rmSync(folder, { recursive: true, force: true })
  }
}

/** The files of a directory's `repodata`, as latin1 texts, by name. */
export const repodataOf = (directory: string): ReadonlyMap<string, string> => {
  const folder = join(directory, "repodata")
  if (!existsSync(folder)) return new Map()
  return new Map(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), "latin1")])
  )
}
