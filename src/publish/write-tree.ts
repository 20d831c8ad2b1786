import { createHash } from "node:crypto"
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
  utimesSync,
  writeSync
} from "node:fs"
import { join } from "node:path"
import { Data, Effect } from "effect"
import {
  type Blobs,
  Bytes,
  type Digest,
  type DigestOf,
  ExternalFiles,
  hashOf,
  readBlob,
  sizeOf
} from "../../graph/index.ts"
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
  /** Files that are not what was recorded. */
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
      ...told(this.changed, "is not what was recorded", "are not what was recorded")
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
  layout: Layout,
  /** Told now and then how many packages are in their places. */
  onPlaced: (packages: number) => void = () => {}
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
          onPlaced(packages)
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
        const placed = yield* writing(at, () => place(source, at, entry.content, layout))
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

/**
 * The package's metadata may be older than the file is now. What is copied is read anyway, and must still be what was recorded; of a
 * linked file only the size is looked at, since reading every package is what an export spares.
 */
const place = (source: string, at: string, digest: Digest, layout: Layout): Placed => {
  const placed = layout === "copy" ? copyOf(source, at, digest) : linkOf(source, at, digest)
  return placed !== "linked" || statSync(at).size === sizeOf(digest) ? placed : "changed"
}

const linkOf = (source: string, at: string, digest: Digest): Placed => {
  try {
    linkSync(source, at)
    return "linked"
  } catch (cause) {
    const code = codeOf(cause)
    if (code === "ENOENT") return "missing"
    if (code === "EXDEV" || code === "EMLINK") return copyOf(source, at, digest)
    if (code === "EPERM") {
      throw new Error(
        `${source} may not be linked (the kernel's protected_hardlinks forbids it for files of others); own the packages, or use --layout copy`
      )
    }
    throw cause
  }
}

/** With the mode and times of the original, as Koji copies across file systems. */
const copyOf = (source: string, at: string, digest: Digest): Placed => {
  const original = statSync(source, { throwIfNoEntry: false })
  if (original === undefined) return "missing"
  const sum = createHash("sha256")
  const from = openSync(source, "r")
  const to = openSync(at, "wx")
  try {
    for (;;) {
      const read = readSync(from, piece)
      if (read === 0) break
      sum.update(piece.subarray(0, read))
      for (let written = 0; written < read; ) written += writeSync(to, piece, written, read - written)
    }
    fchmodSync(to, original.mode)
    fsyncSync(to)
  } finally {
    closeSync(to)
    closeSync(from)
  }
  utimesSync(at, original.atime, original.mtime)
  return sum.digest("hex") === hashOf(digest) ? "copied" : "changed"
}

const piece = new Uint8Array(1024 * 1024)

const codeOf = (cause: unknown): unknown => (cause instanceof Error && "code" in cause ? cause.code : undefined)

/** Runs a file system call whose failure means that the tree cannot be written. */
export const writing = <A>(path: string, call: () => A): Effect.Effect<A, UnwritableTree> =>
  Effect.try({
    try: call,
    catch: (cause) => new UnwritableTree({ path, reason: cause instanceof Error ? cause.message : String(cause) })
  })
