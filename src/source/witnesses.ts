import { Effect } from "effect"
import { type Digest, isDigest, Store, type StoreError } from "../../graph/index.ts"
import type { FileStat } from "./find-packages.ts"

/** What was read of a file once, and how the file looked then. */
export interface Witness {
  /** As {@link FileStat}, but as texts. */
  readonly mtime: string
  readonly inode: string
  readonly ctime: string
  readonly size: number
  readonly sha256: string
  /** Further checksums, by type. */
  readonly checksums: Readonly<Record<string, string>>
  /** Of the file's start. */
  readonly mark: number
}

/** Witnesses of the files of a directory, by path relative to it. */
export type Witnesses = ReadonlyMap<string, Witness>

/** How much of a witness a file's looks bear out: all, all but the time of the last change of anything about it, or nothing. */
export const judge = (witness: Witness, { ctime, inode, mtime, size }: FileStat): "same" | "touched" | "other" => {
  if (witness.size !== size || witness.mtime !== String(mtime) || witness.inode !== String(inode)) return "other"
  return witness.ctime === String(ctime) ? "same" : "touched"
}

/**
 * Whether a file that looked so at a time (in milliseconds) may be trusted later by its looks: what was changed in the last two seconds may
 * be changed once more without it showing, as times of files are coarse.
 */
export const isSettled = ({ mtime }: Pick<FileStat, "mtime">, seenAt: number): boolean =>
  mtime <= BigInt(seenAt - 2000) * 1_000_000n

/** The witnesses of a directory, as far as the store has them. */
export const recallWitnesses = (directory: string): Effect.Effect<Witnesses, StoreError, Store> =>
  Effect.gen(function* () {
    const store = yield* Store
    const digest = yield* store.recall(memoryName(directory))
    if (digest === undefined || !isDigest(digest)) return new Map<string, Witness>()
    return yield* store.blob(digest).pipe(
      Effect.map(decode),
      Effect.catchTag("BlobMissing", () => Effect.succeed(new Map<string, Witness>()))
    )
  })

export const rememberWitnesses = (directory: string, witnesses: Witnesses): Effect.Effect<Digest, StoreError, Store> =>
  Effect.gen(function* () {
    const store = yield* Store
    const digest = yield* store.putBlob(encode(witnesses))
    yield* store.remember(memoryName(directory), digest)
    return digest
  })

const memoryName = (directory: string): string => `witnesses of ${directory}`

const encode = (witnesses: Witnesses): Uint8Array => {
  const lines = [...witnesses].map(([path, { checksums, ctime, inode, mark, mtime, sha256, size }]) => {
    const sums = Object.entries(checksums).map(([type, value]) => ` ${type}=${value}`)
    return `${size} ${mtime} ${inode} ${ctime} ${mark} ${sha256}${sums.join("")}\t${path}\n`
  })
  return Buffer.from(format + lines.join(""))
}

/** Nothing where the text is of another version. */
const decode = (bytes: Uint8Array): Witnesses => {
  const witnesses = new Map<string, Witness>()
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
  if (!text.startsWith(format)) return witnesses
  for (let at = format.length; at < text.length; ) {
    const end = text.indexOf("\n", at)
    const tab = text.indexOf("\t", at)
    const [size, mtime = "", inode = "", ctime = "", mark, sha256 = "", ...sums] = text.slice(at, tab).split(" ")
    const checksums = sums.length === 0 ? none : Object.fromEntries(sums.map((sum) => sum.split("=")))
    witnesses.set(text.slice(tab + 1, end), {
      size: Number(size),
      mtime,
      inode,
      ctime,
      mark: Number(mark),
      sha256,
      checksums
    })
    at = end + 1
  }
  return witnesses
}

const format = "distgraph witnesses 1\n"
const none: Witness["checksums"] = {}
