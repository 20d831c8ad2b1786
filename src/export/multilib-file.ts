import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { Data, Effect } from "effect"
import { withBlobs, writeBlob } from "../../graph/index.ts"
import { MultilibLists } from "../../rules/index.ts"
import { parseMultilibConfig } from "../koji/multilib.ts"

/** The configuration of multilib cannot be used. */
export class BadMultilibFile extends Data.TaggedError("BadMultilibFile")<{
  readonly path: string
  readonly reason: string
}> {
  override get message(): string {
    return `the multilib configuration ${this.path} cannot be used: ${this.reason}`
  }
}

/** Reads a configuration of python-multilib, checks it, and stores it. */
export const readMultilibFile = (file: string) =>
  Effect.gen(function* () {
    const path = resolve(file)
    const text = yield* Effect.try({
      try: () => readFileSync(path, "utf8"),
      catch: (cause) => new BadMultilibFile({ path, reason: cause instanceof Error ? cause.message : String(cause) })
    })
    const config = yield* Effect.mapError(
      parseMultilibConfig(text),
      ({ reason }) => new BadMultilibFile({ path, reason })
    )
    return yield* withBlobs(writeBlob(MultilibLists, { text, ...config }))
  })
