import { Either } from "effect"
import type { OpenFile } from "../graph/index.ts"
import type { BadPackage } from "../src/rpm/bad-package.ts"
import { headBytesNeeded, type PackageHead, readPackageHead } from "../src/rpm/package-head.ts"

/** What the start of a file says, with the bytes it was read from; they are overwritten when the next file is read. */
export interface ReadHead {
  readonly head: Either.Either<PackageHead, BadPackage>
  readonly bytes: Uint8Array
}

/** Reads lead and headers of a package, and nothing behind them. */
export const readHead = (file: OpenFile): ReadHead => {
  let bytes = readUpTo(file, scratch.subarray(0, 0), Math.min(firstRead, file.size))
  for (;;) {
    const needed = headBytesNeeded(bytes)
    if (Either.isLeft(needed)) return { head: Either.left(needed.left), bytes }
    if (needed.right <= bytes.length || bytes.length === file.size) return { head: readPackageHead(bytes), bytes }
    bytes = readUpTo(file, bytes, Math.min(needed.right, file.size))
  }
}

/** Enough for the head of nearly all packages; reused, for one file is done with before the next. */
const scratch = new Uint8Array(256 * 1024)

/** Most heads are read with one call. */
const firstRead = 16 * 1024

/** Reads on from what is there to this many bytes, in the scratch buffer if they fit. */
const readUpTo = (file: OpenFile, have: Uint8Array, length: number): Uint8Array => {
  const bytes = length <= scratch.length ? scratch.subarray(0, length) : new Uint8Array(length)
  if (bytes.buffer !== have.buffer) bytes.set(have)
  file.read(bytes.subarray(have.length), have.length)
  return bytes
}
