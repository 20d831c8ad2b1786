import {
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  statSync,
  utimesSync,
  writeSync
} from "node:fs"
import { join } from "node:path"
import { Data, Effect } from "effect"
import { type Blobs, Bytes, type DigestOf, ExternalFiles, readBlob, sizeOf } from "../../graph/index.ts"
import { Directory, type DirectoryEntry, Rope } from "../../rules/index.ts"

/** How package files get into a repository: linked, as Koji does (copied where the file system is another), or always copied. */
export type Layout = "hardlink" | "copy"

/** The tree cannot be written: a full disk, permissions. */
export class UnwritableTree extends Data.TaggedError("UnwritableTree")<{
  readonly path: string
  readonly reason: string
}> {
  override get message(): string {
    return `${this.path} cannot be written: ${this.reason}`
  }
}

/** Package files that the source vouched for are missing, or were cut or replaced since. Names them all. */
export class PackagesGone extends Data.TaggedError("PackagesGone")<{
  readonly missing: ReadonlyArray<string>
  /** Files whose size is not the recorded one. */
  readonly changed: ReadonlyArray<string>
}> {
  override get message(): string {
    const told = (paths: ReadonlyArray<string>, one: string, many: string): ReadonlyArray<string> => {
      if (paths.length === 0) return []
      const files = paths.length === 1 ? `1 package file ${one}` : `${paths.length} package files ${many}`
      return [
        `${files}; restore from a backup, or write signed copies anew with write-signed-rpm --force:`,
        ...paths.map((path) => `  ${path}`)
      ]
    }
    return [
      ...told(this.missing, "is missing", "are missing"),
      ...told(this.changed, "is not of the recorded size", "are not of the recorded size")
    ].join("\n")
  }
}

/** What a tree took to write. */
export interface WrittenTree {
  readonly packages: number
  /** Packages that were copied although links were asked for: another file system, or a file with as many links as it may have. */
  readonly copiedInstead: number
}

/**
 * Writes a directory by its content, verified, each file and directory flushed to disk. `path` must not exist. Never changes a
 * package file that it links. On failure the half-written tree is the caller's to remove.
 */
export const writeTree = (
  tree: DigestOf<Directory>,
  path: string,
  layout: Layout
): Effect.Effect<WrittenTree, UnwritableTree | PackagesGone, Blobs | ExternalFiles> =>
  Effect.gen(function* () {
    const missing = new Set<string>()
    const changed = new Set<string>()
    let packages = 0
    let copiedInstead = 0
    let paused = performance.now()

    const write = (
      digest: DigestOf<Directory>,
      at: string
    ): Effect.Effect<void, UnwritableTree, Blobs | ExternalFiles> =>
      Effect.gen(function* () {
        yield* writing(at, () => mkdirSync(at))
        const { entries } = yield* readBlob(Directory, digest)
        for (const entry of entries) {
          yield* writeEntry(entry, join(at, entry.name))
          if (performance.now() - paused < longestDeaf) continue
          yield* nextTurn
          paused = performance.now()
        }
        yield* writing(at, () => flush(at))
      })

    const writeEntry = (
      entry: DirectoryEntry,
      at: string
    ): Effect.Effect<void, UnwritableTree, Blobs | ExternalFiles> =>
      Effect.gen(function* () {
        if (entry.type === "directory") return yield* write(entry.content, at)
        if (entry.type === "file") return yield* writeFile(at, [entry.content])
        if (entry.type === "rope") return yield* writeFile(at, yield* readBlob(Rope, entry.content))
        const source = yield* Effect.flatMap(ExternalFiles, (files) => files.path(entry.content))
        const placed = yield* writing(at, () => place(source, at, sizeOf(entry.content), layout))
        packages += 1
        if (placed === "copied" && layout === "hardlink") copiedInstead += 1
        if (placed === "missing") missing.add(source)
        if (placed === "changed") changed.add(source)
      })

    yield* write(tree, path)
    if (missing.size > 0 || changed.size > 0) {
      return yield* new PackagesGone({ missing: [...missing].sort(), changed: [...changed].sort() })
    }
    return { packages, copiedInstead }
  })

/** Milliseconds. Links are made without a pause otherwise, and a run must hear an interruption. */
const longestDeaf = 20

/** Lets Node look at signals and timers, which a mere yield to other fibers does not. */
const nextTurn = Effect.async<void>((resume) => {
  const turn = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(turn))
})

const writeFile = (
  at: string,
  parts: ReadonlyArray<DigestOf<Uint8Array>>
): Effect.Effect<void, UnwritableTree, Blobs> =>
  Effect.acquireUseRelease(
    writing(at, () => openSync(at, "wx")),
    (file) =>
      Effect.gen(function* () {
        for (const part of parts) {
          const bytes = yield* readBlob(Bytes, part)
          yield* writing(at, () => {
            for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written)
          })
        }
        yield* writing(at, () => fsyncSync(file))
      }),
    (file) => Effect.sync(() => closeSync(file))
  )

/** Flushes a file, or a directory's own entries. */
export const flush = (path: string): void => {
  const handle = openSync(path, "r")
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

type Placed = "linked" | "copied" | "missing" | "changed"

/** The package's metadata may be older than the file is now, and is not read again: its size at least must still be the same. */
const place = (source: string, at: string, size: number, layout: Layout): Placed => {
  const placed = layout === "copy" ? copyOf(source, at) : linkOf(source, at)
  return placed === "missing" || statSync(at).size === size ? placed : "changed"
}

const linkOf = (source: string, at: string): Placed => {
  try {
    linkSync(source, at)
    return "linked"
  } catch (cause) {
    const code = codeOf(cause)
    if (code === "ENOENT") return "missing"
    if (code === "EXDEV" || code === "EMLINK") return copyOf(source, at)
    if (code === "EPERM") {
      throw new Error(
        `${source} may not be linked (the kernel's protected_hardlinks forbids it for files of others); own the packages, or use --layout copy`
      )
    }
    throw cause
  }
}

/** With the times of the original, as Koji copies across file systems. */
const copyOf = (source: string, at: string): Placed => {
  const original = statSync(source, { throwIfNoEntry: false })
  if (original === undefined) return "missing"
  copyFileSync(source, at, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  utimesSync(at, original.atime, original.mtime)
  flush(at)
  return "copied"
}

const codeOf = (cause: unknown): unknown => (cause instanceof Error && "code" in cause ? cause.code : undefined)

/** Runs a file system call whose failure means that the tree cannot be written. */
export const writing = <A>(path: string, call: () => A): Effect.Effect<A, UnwritableTree> =>
  Effect.try({
    try: call,
    catch: (cause) => new UnwritableTree({ path, reason: cause instanceof Error ? cause.message : String(cause) })
  })
