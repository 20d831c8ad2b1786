import { closeSync, openSync, writeSync } from "node:fs"
import { Effect, type Scope } from "effect"
import { type Blobs, Bytes, type DigestOf, longestDeaf, nextTurn, readBlob } from "../../graph/index.ts"
import { flushesAtOnce, flushOpen, type UnwritableTree, writing } from "./writing.ts"

/** A file to be written: where, and what it consists of. */
export interface FileParts {
  readonly at: string
  readonly parts: ReadonlyArray<DigestOf<Uint8Array>>
}

/**
 * Writes new files, their content verified, and flushes them to disk: group after group, the files of a group side by side. A group is
 * of files that list the same packages in the same order, whose parts the store has next to each other: each place in it is read once
 * for all of them. While one group is flushed the next is written.
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
    for (let file = furthestBehind(files); file !== undefined; file = furthestBehind(files)) {
      yield* writePart(file)
      if (performance.now() - paused < longestDeaf) continue
      yield* nextTurn
      paused = performance.now()
    }
    return files
  })

interface OpenFile extends FileParts {
  readonly file: number
  /** How many parts are written. */
  written: number
}

const open = ({ at, parts }: FileParts): Effect.Effect<OpenFile, UnwritableTree, Scope.Scope> =>
  Effect.acquireRelease(
    writing(at, () => ({ at, parts, file: openSync(at, "wx"), written: 0 })),
    ({ file }) => Effect.sync(() => closeSync(file))
  )

/** That of which the least share is written; undefined where all are. */
const furthestBehind = (files: ReadonlyArray<OpenFile>): OpenFile | undefined => {
  let furthest: OpenFile | undefined
  let least = 1
  for (const file of files) {
    const share = file.written / file.parts.length
    if (share >= least || file.parts.length === 0) continue
    least = share
    furthest = file
  }
  return furthest
}

const writePart = (file: OpenFile): Effect.Effect<void, UnwritableTree, Blobs> =>
  Effect.gen(function* () {
    const part = file.parts[file.written]
    if (part === undefined) return
    file.written += 1
    const bytes = yield* readBlob(Bytes, part)
    yield* writing(file.at, () => {
      for (let written = 0; written < bytes.length; ) written += writeSync(file.file, bytes, written)
    })
  })

/** One that is written, and those before it that the disk has not taken yet. */
const groupsAtOnce = 3
