import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib"

/**
 * How a blob lies in a store: compressed where that is shorter, else as it is. The digest names the bytes themselves, so another
 * compressor version changes no key; and it knows their size, so no flag is needed to tell the two forms apart.
 */
export const pack = (bytes: Uint8Array): Uint8Array => {
  if (bytes.length < shortest) return bytes
  const packed = zstdCompressSync(bytes, fast)
  return packed.length < bytes.length ? packed : bytes
}

/** The bytes of a blob of this size. What does not unpack is given as it is: its digest will not fit, which is how damage shows. */
export const unpack = (stored: Uint8Array, size: number): Uint8Array => {
  if (stored.length === size) return stored
  try {
    return zstdDecompressSync(stored, { maxOutputLength: Math.max(1, size) })
  } catch {
    return stored
  }
}

/** Below this there is nothing to gain. */
const shortest = 128

const fast = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }
