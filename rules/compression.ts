import { constants, gunzipSync, gzipSync, inflateRawSync, zstdCompressSync, zstdDecompressSync } from "node:zlib"
import { Schema } from "effect"

/** Of published metadata. gz is read by everything; zstd by clients of EL 9 and Fedora, not by createrepo_c before 1.0. */
export const Compression = Schema.Literal("gz", "zstd")
export type Compression = typeof Compression.Type

/** Of compressed files' names, without the dot. */
export const suffixes: Readonly<Record<Compression, string>> = { gz: "gz", zstd: "zst" }

/** Whatever is compressed changes its bytes with these. */
export const compressors: Readonly<Record<string, string>> = {
  zlib: process.versions.zlib ?? "none",
  zstd: process.versions.zstd ?? "none"
}

/** One gzip member (level 6) or zstd frame (level 10, as createrepo_c does). Members and frames may be put one behind the other. */
export const compress = (compression: Compression, bytes: Uint8Array): Uint8Array =>
  compression === "gz"
    ? gzipSync(bytes, { level: 6, chunkSize: pieceFor(bytes.length / 4) })
    : compressChunk(bytes, undefined)

/** One zstd frame of the same kind, to be read with the dictionary that it is made with, where there is one. */
export const compressChunk = (bytes: Uint8Array, dictionary: Uint8Array | undefined): Uint8Array =>
  zstdCompressSync(bytes, {
    ...zstdOptions,
    chunkSize: pieceFor(bytes.length / 4),
    ...(dictionary === undefined ? {} : { dictionary })
  })

/** The text of a member or frame that {@link compress} made, or of several one behind the other. */
export const decompress = (compression: Compression, bytes: Uint8Array): Uint8Array =>
  compression === "gz"
    ? (oneMember(bytes) ?? gunzipSync(bytes, { chunkSize: pieceFor(bytes.length * 8) }))
    : zstdDecompressSync(bytes, { chunkSize: pieceFor(bytes.length * 8) })

/**
 * The text of one gzip member whose header has no extras (RFC 1952), as {@link compress} writes it; else undefined. Does without the
 * CRC-32, as whoever reads a blob has verified it by its SHA-256, and takes the text's size from the trailer, so that its room is
 * the right one: a third faster than `gunzipSync`.
 */
const oneMember = (bytes: Uint8Array): Uint8Array | undefined => {
  const packed = bytes.subarray(headerSize, bytes.length - trailerSize)
  if (bytes.length < headerSize + trailerSize || bytes[3] !== 0) return undefined
  const size = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4, 4).getUint32(0, true)
  if (size > packed.length * mostExpanded) return undefined
  // with one byte to spare the end shows in the same call
  const options = { chunkSize: Math.max(64, size + 1), info: true }
  // the typings do not know what comes with `info`: also how far the packed bytes were read
  const inflated = inflateRawSync(packed, options) as unknown as {
    readonly buffer: Uint8Array
    readonly engine: { readonly bytesWritten: number }
  }
  const isWhole = inflated.engine.bytesWritten === packed.length && inflated.buffer.length === size
  return isWhole ? inflated.buffer : undefined
}

const headerSize = 10
const trailerSize = 8
/** Deflate makes nothing shorter than by this factor. */
const mostExpanded = 1032

/** The output comes in pieces of one size: few of them, as each has a price, of which none is much too long. */
const pieceFor = (expected: number): number => Math.min(1024 * 1024, Math.max(16 * 1024, Math.ceil(expected)))

const zstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: 10 } }
