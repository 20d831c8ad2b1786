import { closeSync, openSync, writeSync } from "node:fs"
import { Effect, type Scope } from "effect"
import { type Blobs, type DigestOf, lendBlob, longestDeaf, nextTurn } from "../../graph/index.ts"
import { sideBySide } from "../../rules/index.ts"
import { flushesAtOnce, flushOpen, type UnwritableTree, writing, writtenNow } from "./writing.ts"

/** A file to be written: where, and what it consists of. */
export interface FileParts {
  readonly at: string
  readonly parts: ReadonlyArray<DigestOf<Uint8Array>>
}

/**
 * Writes new files, their content verified, and flushes them to disk: group after group, the files of a group side by side, as
 * they list the same packages in the same order. While one group is flushed the next is written.
 */
export const writeFiles = (
  groups: ReadonlyArray<ReadonlyArray<FileParts>>
): Effect.Effect<void, UnwritableTree, Blobs> =>
  Effect.gen(function* () {
    const turn = yield* Effect.makeSemaphore(1)
    const writeGroup = (group: ReadonlyArray<FileParts>) =>
      Effect.scoped(
        Effect.gen(function* () {
          const files = yield* turn.withPermits(1)(writeSideBySide(group))
          const flushing = { concurrency: flushesAtOnce, discard: true } as const
          yield* Effect.forEach(files, ({ at, file }) => flushOpen(at, file), flushing)
        })
      )
    yield* Effect.forEach(groups, writeGroup, { concurrency: groupsAtOnce, discard: true })
  })

/** Gives the files, written and open. */
const writeSideBySide = (
  group: ReadonlyArray<FileParts>
): Effect.Effect<ReadonlyArray<OpenFile>, UnwritableTree, Blobs | Scope.Scope> =>
  Effect.gen(function* () {
    const files = yield* Effect.forEach(group, open)
    let paused = performance.now()
    for (const [index, part] of sideBySide(group.map(({ parts }) => parts))) {
      const file = files[index]
      if (file !== undefined) yield* writePart(file, part)
      if (performance.now() - paused < longestDeaf) continue
      yield* nextTurn
      paused = performance.now()
    }
    return files
  })

interface OpenFile {
  readonly at: string
  readonly file: number
}

const open = ({ at }: FileParts): Effect.Effect<OpenFile, UnwritableTree, Scope.Scope> =>
  Effect.acquireRelease(
    writing(at, () => ({ at, file: openSync(at, "wx") })),
    ({ file }) => Effect.sync(() => closeSync(file))
  )

const writePart = ({ at, file }: OpenFile, part: DigestOf<Uint8Array>): Effect.Effect<void, UnwritableTree, Blobs> =>
  Effect.flatten(
    lendBlob(part, (bytes) =>
      writtenNow(at, () => {
        for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written)
      })
    )
  )

/** One that is written, and those before it that the disk has not taken yet. */
const groupsAtOnce = 3
