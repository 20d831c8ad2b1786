import { closeSync, existsSync, fsync, mkdirSync, openSync } from "node:fs"
import { dirname } from "node:path"
import { Data, Effect, Either } from "effect"
import { flush } from "../hub/flush.ts"

/** The tree cannot be written: a full disk, permissions. */
export class UnwritableTree extends Data.TaggedError("UnwritableTree")<{
  readonly path: string
  readonly reason: string
}> {
  override get message(): string {
    return `${this.path} cannot be written: ${this.reason}`
  }
}

/** Runs a file system call whose failure means that the tree cannot be written. */
export const writing = <A>(path: string, call: () => A): Effect.Effect<A, UnwritableTree> =>
  Effect.suspend(() => writtenNow(path, call))

/** The same at once, for bytes that are only lent. */
export const writtenNow = <A>(path: string, call: () => A): Either.Either<A, UnwritableTree> =>
  Either.try({ try: call, catch: (cause) => unwritable(path, cause) })

/** Makes a directory and those above it, each flushed into its parent: what comes into it must still be reachable after a power failure. */
export const makeDirectories = (path: string): void => {
  if (existsSync(path)) return
  makeDirectories(dirname(path))
  mkdirSync(path, { recursive: true })
  flush(dirname(path))
}

/** Flushes an open file on another thread, so that more can be written meanwhile. */
export const flushOpen = (path: string, file: number): Effect.Effect<void, UnwritableTree> =>
  Effect.uninterruptible(
    Effect.async((resume) =>
      fsync(file, (cause) => resume(cause === null ? Effect.void : Effect.fail(unwritable(path, cause))))
    )
  )

/** Flushes directories, several at a time: one commit of the file system's journal serves them all. */
export const flushFolders = (paths: ReadonlyArray<string>): Effect.Effect<void, UnwritableTree> =>
  Effect.forEach(
    paths,
    (path) =>
      Effect.acquireUseRelease(
        writing(path, () => openSync(path, "r")),
        (folder) => flushOpen(path, folder),
        (folder) => Effect.sync(() => closeSync(folder))
      ),
    { concurrency: flushesAtOnce, discard: true }
  )

/** As many as Node has threads for them. */
export const flushesAtOnce = 4

const unwritable = (path: string, cause: unknown): UnwritableTree =>
  new UnwritableTree({ path, reason: cause instanceof Error ? cause.message : String(cause) })
