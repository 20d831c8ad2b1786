import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import type { Footprint } from "./footprint.ts"
import { type CommandFailed, type Measurement, measure } from "./measure.ts"

/** What it costs at least to write what an export wrote, without computing any of it. */
export interface BareCosts {
  /** Writing and flushing copies of its files that are no packages, one by one. */
  readonly writeSeconds: number
  readonly bytes: number
  readonly files: number
  /** `cp -al` of the whole repository, packages and all; not flushed. */
  readonly linkSeconds: number
  readonly packages: number
}

/** Measures both for a published repository, in a scratch folder of the same file system, which is removed again. */
export const bareCosts = (
  repository: string,
  footprint: Footprint,
  scratch: string
): Effect.Effect<BareCosts, CommandFailed> =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdirSync(scratch, { recursive: true })),
    () =>
      Effect.gen(function* () {
        const writeSeconds = writeAndFlush(footprint, scratch)
        yield* settle
        const { wallSeconds } = yield* measure("cp", ["-al", repository, join(scratch, "links")])
        const { bytes, files, packages } = footprint
        return { writeSeconds, bytes, files: files.length, linkSeconds: wallSeconds, packages }
      }),
    () => Effect.sync(() => rmSync(scratch, { recursive: true, force: true }))
  )

/** Leaves nothing for the next command to flush that it has not written. Linux flushes what waits along with a file. */
export const settle: Effect.Effect<Measurement, CommandFailed> = measure("sync", [])

/** Seconds; reading the content is not in them. */
const writeAndFlush = ({ files }: Footprint, scratch: string): number => {
  let milliseconds = 0
  for (const [index, { path }] of files.entries()) {
    const content = readFileSync(path)
    const started = performance.now()
    const file = openSync(join(scratch, String(index)), "wx")
    for (let written = 0; written < content.length; ) written += writeSync(file, content, written)
    fsyncSync(file)
    closeSync(file)
    milliseconds += performance.now() - started
  }
  return milliseconds / 1000
}
