import { promisify } from "node:util"
import { constants, gunzipSync, gzip, zstdCompress, zstdDecompressSync } from "node:zlib"
import { Effect, Schema } from "effect"

/** Of published metadata. gz is read by everything; zstd by clients of EL 9 and Fedora, not by createrepo_c before 1.0. */
export const Compression = Schema.Literal("gz", "zstd")
export type Compression = typeof Compression.Type

/** Whatever is compressed changes its bytes with these. */
export const compressors: Readonly<Record<string, string>> = {
  zlib: process.versions.zlib ?? "none",
  zstd: process.versions.zstd ?? "none"
}

/** One gzip member (level 6) or zstd frame (level 10, as createrepo_c does). Members and frames may be put one behind the other. */
export const compress = (compression: Compression, bytes: Uint8Array): Effect.Effect<Uint8Array> =>
  Effect.promise(() => (compression === "gz" ? gzipAsync(bytes, { level: 6 }) : zstdAsync(bytes, zstdOptions)))

export const decompress = (compression: Compression, bytes: Uint8Array): Uint8Array =>
  compression === "gz" ? gunzipSync(bytes) : zstdDecompressSync(bytes)

const gzipAsync = promisify(gzip)
const zstdAsync = promisify(zstdCompress)
const zstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: 10 } }
