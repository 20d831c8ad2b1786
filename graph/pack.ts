import { compressed } from "./compressed.ts"
import { type Digest, sizeOf } from "./digest.ts"
import { listsIn, type PackBases } from "./pack-bases.ts"

/**
 * Small blobs that were written together, one behind the other and compressed as one: they are alike (the metadata of neighbouring
 * packages, the chunks of one list), so together they take a fraction of what each would take by itself.
 */
export interface Pack {
  /** As it is stored. */
  readonly bytes: Uint8Array
  /** In bytes, before it was compressed. */
  readonly size: number
  /** The id of the pack that is needed to expand it, if one is. */
  readonly base: number | null
  /** What stands for the lists in it; see {@link PackBases}. */
  readonly lists: ReadonlyArray<string>
  readonly blobs: ReadonlyArray<{
    readonly digest: Digest
    /** Where it begins in the uncompressed pack. */
    readonly start: number
  }>
}

/** Larger blobs are files of their own: they gain little from others, and each would make a row that is slow to read. */
export const largestPacked = 256 * 1024

/**
 * These blobs together, in their order, in packs of a size that is quick to expand for the sake of one of them. Each pack is made when
 * it is asked for, so that it can have one that came before it as its base.
 */
export function* packsOf(blobs: Iterable<readonly [Digest, Uint8Array]>, bases?: PackBases): Iterable<Pack> {
  let together: Array<readonly [Digest, Uint8Array]> = []
  let size = 0
  for (const blob of blobs) {
    const [, { length }] = blob
    if (size + length > packSize) {
      yield packOf(together, bases)
      together = []
      size = 0
    }
    together.push(blob)
    size += length
  }
  if (together.length > 0) yield packOf(together, bases)
}

/** The bytes of a blob in its uncompressed pack. */
export const unpacked = (pack: Uint8Array, digest: Digest, start: number): Uint8Array =>
  pack.subarray(start, start + sizeOf(digest))

const packSize = 512 * 1024

const packOf = (together: ReadonlyArray<readonly [Digest, Uint8Array]>, bases: PackBases | undefined): Pack => {
  const parts = together.map(([, bytes]) => bytes)
  const bytes = Buffer.concat(parts)
  const lists = bases === undefined ? [] : listsIn(parts)
  const base = bases?.baseOf(lists)
  let end = 0
  const blobs = together.map(([digest, { length }]) => {
    end += length
    return { digest, start: end - length }
  })
  return { bytes: compressed(bytes, base?.bytes), size: bytes.length, base: base?.id ?? null, lists, blobs }
}
