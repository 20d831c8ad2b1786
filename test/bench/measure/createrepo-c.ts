import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { type CommandFailed, inSequence, type Measurement, measure } from "./measure.ts"

/** The createrepo_c that is compared with. */
export interface CreaterepoC {
  readonly command: string
  readonly version: string
  /** Whether it can also write zstd: newer ones can. */
  readonly canZstd: boolean
}

export type Compression = "gz" | "zstd"

/** What is asked of it beside the folder, as this project's default export is: no SQLite. */
const sameOutputs = ["--quiet", "--no-database", "--general-compress-type"]

/** Brings old metadata up to date, trusting size and time of a package file. */
export const updateArgs = ["--update", "--skip-stat"]

/** Runs it over each of some folders in turn. */
export const createrepoOver = (
  tool: CreaterepoC,
  folders: ReadonlyArray<string>,
  compression: Compression,
  args: ReadonlyArray<string> = []
): Effect.Effect<Measurement, CommandFailed> =>
  Effect.map(
    Effect.forEach(folders, (folder) => measure(tool.command, [...sameOutputs, compression, ...args, folder])),
    inSequence
  )

/** Finds out what a createrepo_c can do. */
export const openCreaterepoC = (command: string): Effect.Effect<CreaterepoC, CommandFailed> =>
  Effect.gen(function* () {
    const { stdout } = yield* measure(command, ["--version"])
    const canZstd = yield* Effect.acquireUseRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "distgraph-createrepo-"))),
      (folder) => Effect.isSuccess(measure(command, [...sameOutputs, "zstd", folder])),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
    )
    return { command, version: /\d[\d.]*/.exec(stdout)?.[0] ?? "unknown", canZstd }
  })
