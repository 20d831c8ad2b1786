import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib"

/**
 * How bytes lie in a store: compressed where that is shorter, else as they are. A digest names the bytes themselves, so another
 * compressor version changes no key; and their size is known, so no flag is needed to tell the two forms apart. What the bytes have in
 * common with a base takes no room, and the base is needed to expand them.
 */
export const compressed = (bytes: Uint8Array, base?: Uint8Array): Uint8Array => {
  if (bytes.length < shortest) return bytes
  const packed = zstdCompressSync(bytes, base === undefined ? fast : { ...lookingBack, dictionary: base })
  return packed.length < bytes.length ? packed : bytes
}

/** The bytes, which are of this size. What does not expand is given as it is: its digest will not fit, which is how damage shows. */
export const expanded = (stored: Uint8Array, size: number, base?: Uint8Array): Uint8Array => {
  if (stored.length === size) return stored
  try {
    return zstdDecompressSync(stored, {
      maxOutputLength: Math.max(1, size),
      // One piece of memory; with a byte to spare the end shows in the same call.
      chunkSize: Math.max(64, size + 1),
      ...(base === undefined ? {} : { dictionary: base })
    })
  } catch {
    return stored
  }
}

/** A text that no digest names, compressed, with a checksum. */
export const sealed = (text: string): Uint8Array => zstdCompressSync(text, checked)

/** The text; undefined where what was stored is damaged. */
export const unsealed = (stored: Uint8Array): string | undefined => {
  try {
    return zstdDecompressSync(stored).toString()
  } catch {
    return undefined
  }
}

/** Below this there is nothing to gain. */
const shortest = 128

const fast = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

/** Finds in a base of half a MiB what half a MiB has in common with it. */
const lookingBack = {
  params: { ...fast.params, [constants.ZSTD_c_windowLog]: 20, [constants.ZSTD_c_hashLog]: 20 }
}

const checked = { params: { ...fast.params, [constants.ZSTD_c_checksumFlag]: 1 } }
