import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib"

/**
 * How bytes lie in a store: compressed where that is shorter, else as they are. A digest names the bytes themselves, so another
 * compressor version changes no key; and their size is known, so no flag is needed to tell the two forms apart.
 */
export const compressed = (bytes: Uint8Array): Uint8Array => {
  if (bytes.length < shortest) return bytes
  const packed = zstdCompressSync(bytes, fast)
  return packed.length < bytes.length ? packed : bytes
}

/** The bytes, which are of this size. What does not expand is given as it is: its digest will not fit, which is how damage shows. */
export const expanded = (stored: Uint8Array, size: number): Uint8Array => {
  if (stored.length === size) return stored
  try {
    // One piece of memory; with a byte to spare the end shows in the same call.
    return zstdDecompressSync(stored, { maxOutputLength: Math.max(1, size), chunkSize: Math.max(64, size + 1) })
  } catch {
    return stored
  }
}

/** Below this there is nothing to gain. */
const shortest = 128

const fast = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }
