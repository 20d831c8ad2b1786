import { createHash } from "node:crypto"
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  openSync,
  readSync,
  statSync,
  utimesSync,
  writeSync
} from "node:fs"

// Loaded by worker threads too: whatever it imports makes each of them start later.

/** Package files to be put into one folder, which is there. Plain data, for worker threads. */
export interface Batch {
  readonly topdir: string
  readonly folder: string
  /** Copy always, rather than link where that can be done. */
  readonly copies: boolean
  readonly packages: ReadonlyArray<{
    /** Relative to the topdir; its last segment is the package's name in the folder, too. */
    readonly path: string
    /** Hex. */
    readonly sha256: string
    /** In bytes. */
    readonly size: number
  }>
}

/** What became of a batch. Paths are absolute. */
export interface PlacedBatch {
  readonly packages: number
  /** Packages that were copied although links were asked for: another file system, or a file with as many links as it may have. */
  readonly copiedInstead: number
  readonly missing: ReadonlyArray<string>
  /** Files that are not what was recorded. */
  readonly changed: ReadonlyArray<string>
  /** What ended it early. */
  readonly failure: { readonly path: string; readonly reason: string } | null
}

/**
 * Places a batch, one package a step, so that whoever runs it may pause. The packages' metadata may be older than the files are now:
 * what is copied is read anyway, and must still be what was recorded; of a linked file only the size is looked at, since reading
 * every package is what an export spares. A linked file is never changed.
 */
export function* placing({ copies, folder, packages, topdir }: Batch): Generator<void, PlacedBatch> {
  const missing: Array<string> = []
  const changed: Array<string> = []
  let placed = 0
  let copiedInstead = 0
  for (const { path, sha256, size } of packages) {
    const source = `${topdir}/${path}`
    const at = folder + path.slice(path.lastIndexOf("/"))
    try {
      const how = copies ? copyOf(source, at, sha256) : linkOf(source, at, { sha256, size })
      if (how === "copied" && !copies) copiedInstead += 1
      if (how === "missing") missing.push(source)
      if (how === "changed") changed.push(source)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      return { packages: placed, copiedInstead, missing, changed, failure: { path: at, reason } }
    }
    placed += 1
    yield
  }
  return { packages: placed, copiedInstead, missing, changed, failure: null }
}

type Placed = "linked" | "copied" | "missing" | "changed"

const linkOf = (source: string, at: string, recorded: { readonly sha256: string; readonly size: number }): Placed => {
  try {
    linkSync(source, at)
  } catch (cause) {
    const code = codeOf(cause)
    if (code === "ENOENT") return "missing"
    if (code === "EXDEV" || code === "EMLINK") return copyOf(source, at, recorded.sha256)
    if (code === "EPERM") {
      throw new Error(
        `${source} may not be linked (the kernel's protected_hardlinks forbids it for files of others); own the packages, or use --layout copy`
      )
    }
    throw cause
  }
  return statSync(at).size === recorded.size ? "linked" : "changed"
}

/** With the mode and times of the original, as Koji copies across file systems. */
const copyOf = (source: string, at: string, sha256: string): Placed => {
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
  return sum.digest("hex") === sha256 ? "copied" : "changed"
}

const piece = new Uint8Array(1024 * 1024)

const codeOf = (cause: unknown): unknown => (cause instanceof Error && "code" in cause ? cause.code : undefined)
