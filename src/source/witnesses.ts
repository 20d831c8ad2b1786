import { Effect } from "effect"
import {
  Bytes,
  type Digest,
  isDigest,
  makeDigest,
  type Reference,
  referencesIn,
  Store,
  type StoreError
} from "../../graph/index.ts"
import { DirectoryListDigest } from "../../rules/index.ts"
import type { FileStat } from "./find-packages.ts"
import { type HashedFile, statText } from "./hash-file.ts"

/** What was read of a file once. */
export interface Witness extends Omit<HashedFile, "checksum"> {
  /** Further checksums, by type. */
  readonly checksums: Readonly<Record<string, string>>
}

/**
 * Witnesses of the files of a directory, by path relative to it: each the {@link statText} of the file and what was read of it, as a text,
 * since most are only compared.
 */
export type Witnesses = ReadonlyMap<string, string>

/** How much of a file's looks a witness bears out: all, all but the time of the last change of anything about it, or nothing. */
export const judge = (witness: string, stat: FileStat): "same" | "touched" | "other" => {
  if (witness.startsWith(`${statText(stat)} `)) return "same"
  const [size, mtime, inode] = witness.split(" ")
  return size === String(stat.size) && mtime === String(stat.mtime) && inode === String(stat.inode)
    ? "touched"
    : "other"
}

/**
 * Whether a file that looked so at a time (in milliseconds) may be trusted later by its looks: what was changed in the last two seconds may
 * be changed once more without it showing, as times of files are coarse.
 */
export const isSettled = ({ mtime }: Pick<FileStat, "mtime">, seenAt: number): boolean =>
  mtime <= BigInt(seenAt - 2000) * 1_000_000n

export const witnessText = (stat: FileStat, { checksums, mark, sha256, sigmd5 }: Witness): string => {
  const sums = Object.entries(checksums).map(([type, value]) => ` ${type}=${value}`)
  return `${statText(stat)} ${mark} ${sha256} ${sigmd5}${sums.join("")}`
}

export const witnessOf = (text: string): Witness => {
  const [, , , , mark, sha256 = "", sigmd5 = "", ...sums] = text.split(" ")
  const checksums = sums.length === 0 ? none : Object.fromEntries(sums.map((sum) => sum.split("=")))
  return { mark: Number(mark), sha256, sigmd5, checksums }
}

/** The digest of the content that a witness bears out. */
export const witnessDigest = (text: string): Digest =>
  makeDigest(witnessOf(text).sha256, Number(text.slice(0, text.indexOf(" "))))

/** What the store knows of a directory. */
export interface DirectoryMemory {
  readonly witnesses: Witnesses
  /** The list that was made of just these witnesses, with what it depended on beside them; null where they do not tell all of it. */
  readonly content: { readonly key: string; readonly list: Digest } | null
}

export const recallDirectory = (directory: string): Effect.Effect<DirectoryMemory, StoreError, Store> =>
  Effect.gen(function* () {
    const store = yield* Store
    const [digest, key, list] = ((yield* store.recall(memoryName(directory))) ?? "").split(" ")
    if (!isDigest(digest)) return nothing
    const witnesses = yield* store.blob(digest).pipe(
      Effect.map(decode),
      Effect.catchTag("BlobMissing", () => Effect.succeed(nothing.witnesses))
    )
    return { witnesses, content: key !== undefined && isDigest(list) ? { key, list } : null }
  })

export const rememberDirectory = (
  directory: string,
  { content, witnesses }: DirectoryMemory
): Effect.Effect<void, StoreError, Store> =>
  Effect.gen(function* () {
    const store = yield* Store
    const digest = yield* store.putBlob(encode(witnesses))
    yield* store.remember(memoryName(directory), content === null ? digest : `${digest} ${content.key} ${content.list}`)
  })

/** The blobs that what is remembered of a directory names; none where this is nothing of the kind. */
export const directoryReferences = (name: string, text: string): ReadonlyArray<Reference> => {
  if (!name.startsWith(beginning)) return []
  const [witnesses, , list] = text.split(" ")
  const found = isDigest(witnesses) ? [{ digest: witnesses, codec: Bytes }] : []
  return isDigest(list) ? [...found, ...referencesIn(DirectoryListDigest.ast, list)] : found
}

const memoryName = (directory: string): string => `${beginning}${directory}`

const beginning = "directory "

const encode = (witnesses: Witnesses): Uint8Array =>
  Buffer.from(format + [...witnesses].map(([path, text]) => `${text}\t${path}\n`).join(""))

/** Nothing where the text is of another version. */
const decode = (bytes: Uint8Array): Witnesses => {
  const witnesses = new Map<string, string>()
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
  if (!text.startsWith(format)) return witnesses
  for (let at = format.length; at < text.length; ) {
    const tab = text.indexOf("\t", at)
    const end = text.indexOf("\n", tab)
    witnesses.set(text.slice(tab + 1, end), text.slice(at, tab))
    at = end + 1
  }
  return witnesses
}

const format = "distgraph witnesses 1\n"
const none: Witness["checksums"] = {}
const nothing: DirectoryMemory = { witnesses: new Map(), content: null }
