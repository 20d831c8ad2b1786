import { createHash, hash } from "node:crypto"
import { type BigIntStats, closeSync, fstatSync, openSync, readSync } from "node:fs"
import { getSystemErrorMessage } from "node:util"
import { crc32 } from "node:zlib"
import { signatureMd5 } from "./signature-md5.ts"

/** A file to be read in full. Texts and numbers only, so that it crosses to another thread at little cost. */
export interface FileToHash {
  /** Absolute. */
  readonly path: string
  /** {@link statText} of the file as it was found: what is read must be this very file. */
  readonly stat: string
}

/** What was read; checksums in lower-case hex. */
export interface HashedFile {
  readonly sha256: string
  /** Of the other type, where one was asked for; else empty. */
  readonly checksum: string
  /** {@link headMark} of its start. */
  readonly mark: number
  /** {@link signatureMd5} of its start. */
  readonly sigmd5: string
}

/** Reads a file to its end, at most a piece at a time. A text is the reason why it cannot be told what is in the file. */
export const hashFile = ({ path, stat }: FileToHash, algorithm: string | null): HashedFile | string => {
  let file: number | undefined
  try {
    file = openSync(path, "r")
    if (statOf(file) !== stat) return changed
    const hashed = read(file, algorithm)
    return statOf(file) === stat ? hashed : changed
  } catch (cause) {
    return cause instanceof Error && "errno" in cause ? getSystemErrorMessage(Number(cause.errno)) : String(cause)
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/** Reads the start of a file only, which says whether it is still the package that it was. */
export const markFile = ({ path, stat }: FileToHash): number | string => {
  let file: number | undefined
  try {
    file = openSync(path, "r")
    if (statOf(file) !== stat) return changed
    return headMark(piece.subarray(0, fill(file, markedBytes)))
  } catch (cause) {
    return cause instanceof Error && "errno" in cause ? getSystemErrorMessage(Number(cause.errno)) : String(cause)
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/** A file's size, times and inode as one text. */
export const statText = (stat: {
  readonly size: number | bigint
  readonly mtime: bigint
  readonly inode: bigint
  readonly ctime: bigint
}): string => `${stat.size} ${stat.mtime} ${stat.inode} ${stat.ctime}`

const changed = "it changed while it was read; run again when it is complete"

/** {@link statText} of what a file system says. */
export const statTextOf = ({ ctimeNs, ino, mtimeNs, size }: BigIntStats): string =>
  statText({ size, mtime: mtimeNs, inode: ino, ctime: ctimeNs })

const statOf = (file: number): string => statTextOf(fstatSync(file, { bigint: true }))

/** Reused for every file: memory does not grow with their sizes. */
const piece = new Uint8Array(1024 * 1024)

/** Lead and, in nearly all packages, the whole signature header, with its digests of header and payload. */
const markedBytes = 4096

/** A checksum against accidents of a file's first {@link markedBytes}. */
const headMark = (bytes: Uint8Array): number => crc32(bytes.subarray(0, markedBytes))

const read = (file: number, algorithm: string | null): HashedFile => {
  const first = fill(file, piece.length)
  const bytes = piece.subarray(0, first)
  const facts = { mark: headMark(bytes), sigmd5: signatureMd5(bytes) }
  if (first < piece.length) {
    return {
      sha256: hash("sha256", bytes, "hex"),
      checksum: algorithm === null ? "" : hash(algorithm, bytes),
      ...facts
    }
  }
  const sums = [createHash("sha256"), ...(algorithm === null ? [] : [createHash(algorithm)])]
  for (let length = first; length > 0; length = fill(file, piece.length)) {
    for (const sum of sums) sum.update(piece.subarray(0, length))
  }
  const [sha256 = "", checksum = ""] = sums.map((sum) => sum.digest("hex"))
  return { sha256, checksum, ...facts }
}

/** Reads on until so many bytes are there or the file ends, and gives how many there are. */
const fill = (file: number, length: number): number => {
  let filled = 0
  while (filled < length) {
    const read = readSync(file, piece, filled, length - filled, null)
    if (read === 0) break
    filled += read
  }
  return filled
}
