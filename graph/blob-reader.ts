import type { DatabaseSync } from "node:sqlite"
import type { BlobFiles } from "./blob-files.ts"
import { expanded } from "./compressed.ts"
import { type Digest, hashOf, sizeOf } from "./digest.ts"
import { giveBack } from "./give-back.ts"
import { largestPacked, unpacked } from "./pack.ts"

/**
 * Reads the blobs of a store's directory, on any thread that has its database open. Gives undefined where there is none; the bytes
 * are not verified.
 */
export const blobReader = (database: DatabaseSync, files: BlobFiles): ((digest: Digest) => Uint8Array | undefined) => {
  const place = database.prepare("SELECT pack, start FROM blob WHERE hash = ?")
  place.setReturnArrays(true)
  const pack = database.prepare("SELECT size, bytes FROM pack WHERE id = ?")
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
    if (!(stored instanceof Uint8Array)) return undefined
    const bytes = expanded(stored, Number(row?.["0"]))
    if (bytes !== stored) giveBack(stored)
    return bytes
  }
  return (digest) => {
    if (sizeOf(digest) > largestPacked) return files.read(digest)
    const row = place.get(Buffer.from(hashOf(digest), "hex"))
    const bytes = row === undefined ? undefined : packBytes(Number(row["0"]))
    // A copy, which outlives the pack.
    return bytes === undefined ? undefined : new Uint8Array(unpacked(bytes, digest, Number(row?.["1"])))
  }
}

const keptPacks = 8
