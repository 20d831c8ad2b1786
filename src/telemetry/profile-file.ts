import { closeSync, openSync, writeSync } from "node:fs"
import { Data, Effect, type Scope } from "effect"
import type { ExportEvent } from "../export/dist-repo.ts"
import { chromeTrace } from "./chrome-trace.ts"

/** A profile was asked for and cannot be written where it was asked for. */
export class UnwritableProfile extends Data.TaggedError("UnwritableProfile")<{
  readonly path: string
  readonly reason: string
}> {
  override get message(): string {
    return `The profile ${this.path} cannot be written: ${this.reason}`
  }
}

/**
 * Writes a Chrome trace of what the given listener is told to a file, as it happens: memory stays flat, and what a killed process
 * left can be read too (the format lets the closing bracket be absent). A file that was there is replaced. Once the work is on
 * its way a disk that is full ends the profile and not the work: `warn` is told in the end.
 */
export const profileFile = (
  path: string,
  title: string,
  warn: (text: string) => Effect.Effect<void>
): Effect.Effect<(event: ExportEvent) => void, UnwritableProfile, Scope.Scope> =>
  Effect.gen(function* () {
    const file = yield* Effect.acquireRelease(
      Effect.try({ try: () => openSync(path, "w"), catch: (error) => unwritable(path, error) }),
      (file) => Effect.sync(() => closeSync(file))
    )
    let failed: UnwritableProfile | undefined
    let lines: Array<string> = []
    let separator = "[\n"
    const flush = (end: string): void => {
      const text = lines.length === 0 ? end : separator + lines.join(",\n") + end
      separator = ",\n"
      lines = []
      if (failed !== undefined) return
      try {
        writeWhole(file, text)
      } catch (error) {
        failed = unwritable(path, error)
      }
    }
    const trace = chromeTrace(title, performance.now(), (event) => {
      lines.push(JSON.stringify(event))
      if (lines.length >= linesAtOnce) flush("")
    })
    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        trace.end(performance.now())
        flush("\n]\n")
        return failed === undefined ? Effect.void : warn(failed.message)
      })
    )
    return (event) => trace.on(event, performance.now())
  })

const linesAtOnce = 1000

const writeWhole = (file: number, text: string): void => {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
}

const unwritable = (path: string, error: unknown): UnwritableProfile =>
  // Node throws nothing but Errors here
  new UnwritableProfile({ path, reason: (error as Error).message })
