import { readFileSync } from "node:fs"
import { basename, resolve } from "node:path"
import { promisify } from "node:util"
import { gunzip, zstdDecompress } from "node:zlib"
import { Data, Effect, Either } from "effect"
import type { Compression } from "../../rules/index.ts"
import { readXml } from "../repodata/xml-reader.ts"

/** The groups cannot be taken into a repository. */
export class BadGroupFile extends Data.TaggedError("BadGroupFile")<{
  readonly path: string
  readonly reason: string
}> {
  override get message(): string {
    return `the group file ${this.path} cannot be used: ${this.reason}`
  }
}

/** Groups as they are to be published. */
export interface GroupFile {
  /** Its base name, without the suffix of a compression. */
  readonly name: string
  readonly content: Uint8Array
}

/** Reads a comps file, plain or compressed with gzip or zstd, relative to a directory. It is taken as it is, but must be XML. */
export const readGroupFile = (directory: string, file: string): Effect.Effect<GroupFile, BadGroupFile> =>
  Effect.gen(function* () {
    const path = resolve(directory, file)
    const bad = (reason: string) => new BadGroupFile({ path, reason })
    const stored = yield* Effect.try({
      try: () => readFileSync(path),
      catch: (cause) => bad(cause instanceof Error ? cause.message : String(cause))
    })
    const unpack = unpackers.find(({ magic }) => stored.subarray(0, magic.length).equals(magic))
    if (unpack?.refused !== undefined) return yield* bad(unpack.refused)
    const content =
      unpack === undefined
        ? stored
        : yield* Effect.tryPromise({
            try: () => unpack.open(stored),
            catch: (cause) => bad(cause instanceof Error ? cause.message : String(cause))
          })
    const read = readXml(content, {})
    if (Either.isLeft(read)) return yield* bad(`it is not well-formed XML: ${read.left.reason}`)
    return { name: unpack === undefined ? basename(path) : basename(path).replace(/\.(gz|zst)$/, ""), content }
  })

/**
 * How groups are published beside metadata of a compression, by their types in repomd.xml (null: as they are). Clients of gz may know
 * only createrepo_c before 1.0, which has both records; where they know zstd one is enough.
 */
export const groupRecords = (
  compression: Compression
): ReadonlyArray<{ readonly type: string; readonly compression: Compression | null }> =>
  compression === "gz"
    ? [
        { type: "group", compression: null },
        { type: "group_gz", compression }
      ]
    : [{ type: "group", compression }]

/** Bytes. The largest comps files have a few MiB. */
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
