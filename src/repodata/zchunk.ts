import { createHash, hash } from "node:crypto"
import { compressedInteger } from "./compressed-integer.ts"

/** All that stands before the stored chunks of a zchunk file. */
export interface ZchunkHeader {
  readonly bytes: Uint8Array
  /** As repomd.xml has it: a sha256, in hex. */
  readonly checksum: string
}

/**
 * The header of a zchunk file whose chunks are zstd frames: lead, preface, index, and no signatures. `entries` are those of all
 * chunks, in one piece or many, the dictionary's or {@link noDictionary} first; `chunks` is their number; `dataDigest` the sha256 of
 * all that is stored behind the header. Source: zchunk file format; types and flags are those that libzck writes.
 */
export const zchunkHeader = ({
  chunks,
  dataDigest,
  entries
}: {
  readonly entries: ReadonlyArray<Uint8Array>
  readonly chunks: number
  readonly dataDigest: Uint8Array
}): ZchunkHeader => {
  const index = Buffer.concat([compressedInteger(CHUNK_DIGEST_TYPE), compressedInteger(chunks), ...entries])
  const afterLead = Buffer.concat([
    dataDigest,
    compressedInteger(NO_FLAGS),
    compressedInteger(ZSTD),
    compressedInteger(index.length),
    index,
    compressedInteger(NO_SIGNATURES)
  ])
  const lead = Buffer.concat([MAGIC, compressedInteger(SHA256), compressedInteger(afterLead.length)])
  const digest = createHash("sha256").update(lead).update(afterLead).digest()
  return { bytes: Buffer.concat([lead, digest, afterLead]), checksum: digest.toString("hex") }
}

/**
 * The entry of a chunk in the index, from its bytes as they are stored and the size of its text. Entries stand one behind the other
 * in the order of their chunks, so those of a run of chunks can be kept in one piece.
 */
export const chunkEntry = (stored: Uint8Array, size: number): Uint8Array =>
  Buffer.concat([
    hash("sha512", stored, "buffer").subarray(0, CHUNK_DIGEST_SIZE),
    compressedInteger(stored.length),
    compressedInteger(size)
  ])

const MAGIC = Buffer.from("\0ZCK1", "latin1")
const SHA256 = 1
const NO_FLAGS = 0
const ZSTD = 2
const NO_SIGNATURES = 0
/** SHA-512, of which the first 16 bytes are kept: libzck's default. Clients find chunks again by it, so it must never change. */
const CHUNK_DIGEST_TYPE = 3
const CHUNK_DIGEST_SIZE = 16

/** What stands first in the index where chunks are compressed without a dictionary; else that is the dictionary's entry. */
export const noDictionary: Uint8Array = Buffer.concat([
  Buffer.alloc(CHUNK_DIGEST_SIZE),
  compressedInteger(0),
  compressedInteger(0)
])
