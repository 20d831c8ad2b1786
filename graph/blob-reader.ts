import type { DatabaseSync } from "node:sqlite"
import type { BlobFiles } from "./blob-files.ts"
import { expanded } from "./compressed.ts"
import { type Digest, sizeOf } from "./digest.ts"
import { giveBack } from "./give-back.ts"
import { largestPacked, unpacked } from "./pack.ts"
import { blobKey } from "./store-sql.ts"

/** Both give undefined where there is none, and bytes that are not verified. */
export interface BlobReader {
  readonly blob: (digest: Digest) => Uint8Array | undefined
  /** The same without a copy of its own: only until the next is asked for. */
  readonly lent: (digest: Digest) => Uint8Array | undefined
  /** A whole pack, not compressed. */
  readonly pack: (id: number) => Uint8Array | undefined
}

/** Reads the blobs of a store's directory, on any thread that has its database open. */
export const blobReader = (database: DatabaseSync, files: BlobFiles): BlobReader => {
  const place = database.prepare("SELECT pack, start FROM blob WHERE hash = ?")
  place.setReturnArrays(true)
  const pack = database.prepare("SELECT size, bytes, base FROM pack WHERE id = ?")
  pack.setReturnArrays(true)
  /** Those expanded last: blobs that were written together are mostly read together. The newest stands last. */
  const recent = new Map<number, Uint8Array>()

  const packBytes = (id: number): Uint8Array | undefined => {
    const known = recent.get(id)
    recent.delete(id)
    const bytes = known ?? readPack(id)
    if (bytes !== undefined) recent.set(id, bytes)
    if (recent.size > keptPacks) forgetOldest()
    return bytes
  }
  const forgetOldest = (): void => {
    const [oldest] = recent
    if (oldest === undefined) return
    const [id, bytes] = oldest
    recent.delete(id)
    giveBack(bytes)
  }
  const readPack = (id: number): Uint8Array | undefined => {
    const row = pack.get(id)
    const stored = row?.["1"]
    const base = row?.["2"]
    if (!(stored instanceof Uint8Array)) return undefined
    const against = typeof base === "number" ? packBytes(base) : undefined
    // It is being moved elsewhere, together with its base.
    if (typeof base === "number" && against === undefined) return undefined
    const bytes = expanded(stored, Number(row?.["0"]), against)
    if (bytes !== stored) giveBack(stored)
    return bytes
  }
  const lent = (digest: Digest): Uint8Array | undefined => {
    if (sizeOf(digest) > largestPacked) return files.read(digest)
    // Garbage collection may move it to another pack between the two look-ups, not again and again.
    for (let last: number | undefined; ; ) {
      const row = place.get(blobKey(digest))
      const id = row === undefined ? undefined : Number(row["0"])
      if (id === undefined || id === last) return undefined
      const bytes = packBytes(id)
      if (bytes !== undefined) return unpacked(bytes, digest, Number(row?.["1"]))
      last = id
    }
  }
  return {
    pack: packBytes,
    lent,
    blob: (digest) => {
      const bytes = lent(digest)
      // what lies in a pack does not outlive it
      return bytes === undefined || sizeOf(digest) > largestPacked ? bytes : new Uint8Array(bytes)
    }
  }
}

const keptPacks = 16
