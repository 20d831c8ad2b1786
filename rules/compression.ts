import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib"
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

export const decompress = (compression: Compression, bytes: Uint8Array): Uint8Array =>
  (compression === "gz" ? gunzipSync : zstdDecompressSync)(bytes, { chunkSize: pieceFor(bytes.length * 8) })

/** The output comes in pieces of one size: few of them, as each has a price, of which none is much too long. */
const pieceFor = (expected: number): number => Math.min(1024 * 1024, Math.max(16 * 1024, Math.ceil(expected)))

const zstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: 10 } }
