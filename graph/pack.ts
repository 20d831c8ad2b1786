import { compressed } from "./compressed.ts"
import { type Digest, sizeOf } from "./digest.ts"

/**
 * Small blobs that were written together, one behind the other and compressed as one: they are alike (the metadata of neighbouring
 * packages, the chunks of one list), so together they take a fraction of what each would take by itself.
 */
export interface Pack {
  /** As it is stored. */
  readonly bytes: Uint8Array
  /** In bytes, before it was compressed. */
  readonly size: number
  readonly blobs: ReadonlyArray<{
    readonly digest: Digest
    /** Where it begins in the uncompressed pack. */
    readonly start: number
  }>
}

/** Larger blobs are files of their own: they gain little from others, and each would make a row that is slow to read. */
export const largestPacked = 256 * 1024

/** These blobs together, in their order, in packs of a size that is quick to expand for the sake of one of them. */
export const packsOf = (blobs: Iterable<readonly [Digest, Uint8Array]>): ReadonlyArray<Pack> => {
  const packs: Array<Pack> = []
  let placed: Array<Pack["blobs"][number]> = []
  let parts: Array<Uint8Array> = []
  let size = 0
  const close = (): void => {
    if (placed.length > 0) packs.push({ bytes: compressed(Buffer.concat(parts, size)), size, blobs: placed })
    placed = []
    parts = []
    size = 0
  }
  for (const [digest, bytes] of blobs) {
    if (size + bytes.length > packSize) close()
    placed.push({ digest, start: size })
    parts.push(bytes)
    size += bytes.length
  }
  close()
  return packs
}

/** The bytes of a blob in its uncompressed pack. */
export const unpacked = (pack: Uint8Array, digest: Digest, start: number): Uint8Array =>
  pack.subarray(start, start + sizeOf(digest))

const packSize = 512 * 1024
