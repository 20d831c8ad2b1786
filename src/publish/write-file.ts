import { closeSync, openSync, writeSync } from "node:fs"
import { Effect } from "effect"
import { type Blobs, Bytes, type DigestOf, longestDeaf, nextTurn, readBlob } from "../../graph/index.ts"
import { flushOpen, type UnwritableTree, writing } from "./writing.ts"

/** A file to be written: where, and what it consists of. */
export interface FileParts {
  readonly at: string
  readonly parts: ReadonlyArray<DigestOf<Uint8Array>>
}

/** Writes a new file, its content verified, and flushes it to disk. */
export const writeFile = ({ at, parts }: FileParts): Effect.Effect<void, UnwritableTree, Blobs> =>
  Effect.acquireUseRelease(
    writing(at, () => openSync(at, "wx")),
    (file) =>
      Effect.gen(function* () {
        let paused = performance.now()
        for (const part of parts) {
          const bytes = yield* readBlob(Bytes, part)
          yield* writing(at, () => {
            for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written)
          })
          if (performance.now() - paused < longestDeaf) continue
          yield* nextTurn
          paused = performance.now()
        }
        yield* flushOpen(at, file)
      }),
    (file) => Effect.sync(() => closeSync(file))
  )
