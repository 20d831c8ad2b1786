import { readFileSync } from "node:fs"
import { basename } from "node:path"
import { promisify } from "node:util"
import { gunzip, zstdDecompress } from "node:zlib"
import { Effect } from "effect"

/** A file of metadata as it was before it was packed. */
export interface UnpackedFile {
  /** Its base name, without the suffix of a compression. */
  readonly name: string
  readonly content: Uint8Array
}

/** Reads a file, plain or compressed with gzip or zstd; a reason where it cannot be read. */
export const readUnpacked = (path: string): Effect.Effect<UnpackedFile, string> =>
  Effect.gen(function* () {
    const reasonOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause))
    const stored = yield* Effect.try({ try: () => readFileSync(path), catch: reasonOf })
    const unpack = unpackers.find(({ magic }) => stored.subarray(0, magic.length).equals(magic))
    if (unpack === undefined) return { name: basename(path), content: stored }
    if (unpack.refused !== undefined) return yield* Effect.fail(unpack.refused)
    const content = yield* Effect.tryPromise({ try: () => unpack.open(stored), catch: reasonOf })
    return { name: basename(path).replace(/\.(gz|zst)$/, ""), content }
  })

/** Bytes. The largest files of this kind have some ten MiB. */
const largest = 256 * 1024 * 1024

const refusing = (name: string) => ({
  refused: `it is compressed with ${name}, which is not read; give it plain, or compressed with gzip or zstd`,
  open: (_: Buffer) => Promise.reject(new Error(name))
})

const unpackers: ReadonlyArray<{
  readonly magic: Buffer
  readonly refused?: string
  readonly open: (stored: Buffer) => Promise<Buffer>
}> = [
  { magic: Buffer.from([0x1f, 0x8b]), open: (stored) => promisify(gunzip)(stored, { maxOutputLength: largest }) },
  {
    magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
    open: (stored) => promisify(zstdDecompress)(stored, { maxOutputLength: largest })
  },
  { magic: Buffer.from("BZh"), ...refusing("bzip2") },
  { magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]), ...refusing("xz") }
]
