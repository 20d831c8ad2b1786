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

/** Puts blobs together in the order in which they come, in packs of a size that is quick to expand for the sake of one of them. */
export class PackWriter {
  #full: Array<Pack> = []
  /** Packs lie in it one behind the other. It is never written on twice, for what was handed out are views of it. */
  #room = new Uint8Array(0)
  #placed: Array<Pack["blobs"][number]> = []
  #start = 0
  #end = 0

  /** Copies a blob, and gives the copy. */
  add(digest: Digest, bytes: Uint8Array): Uint8Array {
    if (this.#end + bytes.length > this.#room.length) {
      this.#close()
      this.#room = Buffer.allocUnsafeSlow(Math.max(bytes.length, packSize))
      this.#start = 0
      this.#end = 0
    }
    this.#placed.push({ digest, start: this.#end - this.#start })
    this.#room.set(bytes, this.#end)
    const copy = this.#room.subarray(this.#end, this.#end + bytes.length)
    this.#end += bytes.length
    return copy
  }

  /** What was added since the last call. */
  take(): ReadonlyArray<Pack> {
    this.#close()
    const packs = this.#full
    this.#full = []
    return packs
  }

  #close(): void {
    if (this.#placed.length > 0) {
      const bytes = compressed(this.#room.subarray(this.#start, this.#end))
      this.#full.push({ bytes, size: this.#end - this.#start, blobs: this.#placed })
    }
    this.#placed = []
    this.#start = this.#end
  }
}

/** These blobs as packs. */
export const packsOf = (blobs: Iterable<readonly [Digest, Uint8Array]>): ReadonlyArray<Pack> => {
  const writer = new PackWriter()
  for (const [digest, bytes] of blobs) writer.add(digest, bytes)
  return writer.take()
}

/** The bytes of a blob in its uncompressed pack. */
export const unpacked = (pack: Uint8Array, digest: Digest, start: number): Uint8Array =>
  pack.subarray(start, start + sizeOf(digest))

const packSize = 512 * 1024
