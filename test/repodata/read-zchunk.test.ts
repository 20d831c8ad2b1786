import { hash } from "node:crypto"
import { Either, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { compressedInteger } from "../../src/repodata/compressed-integer.ts"
import { readZchunk, type ZchunkIndex } from "../../src/repodata/read-zchunk.ts"
import { realZchunk, realZchunkWithDictionary } from "./real-zchunk.ts"

const ci = compressedInteger
const LEAD_SIZE = 39
const HEADER_SIZE = 113

/** What follows the lead of the real file's header. */
const afterLead = Buffer.from(realZchunk.subarray(LEAD_SIZE, HEADER_SIZE))

/** A file with these bytes behind its lead, whose checksum is right. */
const sealed = (afterLead: Uint8Array, size = afterLead.length): Buffer => {
  const lead = Buffer.concat([realZchunk.subarray(0, 6), ci(size)])
  return Buffer.concat([lead, hash("sha256", Buffer.concat([lead, afterLead]), "buffer"), afterLead])
}

/** The header's fields as they stand in the file, one of which is another. */
const header = ({
  chunkCount = ci(2),
  chunkType = ci(3),
  compression = ci(2),
  entries = Buffer.alloc(36, 0x80),
  flags = ci(0),
  indexSize = undefined as number | undefined,
  signatures = ci(0)
} = {}) => {
  const index = Buffer.concat([chunkType, chunkCount, entries])
  const preface = Buffer.concat([Buffer.alloc(32), flags, compression])
  return sealed(Buffer.concat([preface, ci(indexSize ?? index.length), index, signatures]))
}

const problemOf = (bytes: Uint8Array): string => Either.getOrThrow(Either.flip(readZchunk(bytes))).reason

describe("a zchunk header, read", () => {
  it("says what zck_read_header says of it", () => {
    expect(Either.getOrThrow(readZchunk(realZchunkWithDictionary))).toEqual({
      headerSize: 113,
      headerChecksum: "d79b1c33f40465cd5e9a69034e3911afe7bc80ca0bc3983c44bebdce07da3bb8",
      dataChecksum: "12158647847a626ec189a52d1ea830b623acccd86af4cbb0a56871e2a462f13e",
      algorithm: "sha256",
      compression: "zstd",
      chunkAlgorithm: "sha512/128",
      hasDictionary: true,
      chunks: [
        { checksum: "c5a60201c8ed6f494a1bb1465194e85d", offset: 113, storedSize: 45, size: 36 },
        { checksum: "912f8dbe65c99b1f83d48ea99d00a2b5", offset: 158, storedSize: 21, size: 12 }
      ]
    } satisfies ZchunkIndex)
  })

  it("needs nothing of the file behind it", () => {
    expect(readZchunk(realZchunk.subarray(0, HEADER_SIZE))).toEqual(readZchunk(realZchunk))
  })

  it("is refused when it is cut off anywhere", () => {
    for (let length = 0; length < HEADER_SIZE; length += 1) {
      expect(problemOf(realZchunk.subarray(0, length))).toMatch(/ends too early|cut off|does not end/)
    }
  })

  it("is refused when any byte of it is another", () => {
    for (let at = 0; at < HEADER_SIZE; at += 1) {
      const bytes = Buffer.from(realZchunk)
      bytes[at] = (bytes[at] ?? 0) ^ 0x40
      expect(Either.isLeft(readZchunk(bytes)), `byte ${at}`).toBe(true)
    }
  })

  it.each([
    ["another file", Buffer.from("\x1f\x8b\x08 some gzip"), "does not start as one"],
    ["a detached header", Buffer.concat([Buffer.from("\0ZHR1"), realZchunk.subarray(5)]), "does not start as one"],
    ["flags", header({ flags: ci(1) }), "flags that are not known here: 1"],
    ["uncompressed sources", header({ flags: ci(4) }), "flags that are not known here: 4"],
    ["a compression that is no more", header({ compression: ci(1) }), "compression type is not known here: 1"],
    ["an unknown checksum of chunks", header({ chunkType: ci(4) }), "chunk checksum type is not known here: 4"],
    ["signatures", header({ signatures: ci(1) }), "1 signatures"],
    ["no entry for a dictionary", header({ chunkCount: ci(0), entries: Buffer.alloc(0) }), "no entry for a dictionary"],
    ["an index of another size", header({ indexSize: 37 }), "index has 38 bytes, not the 37"],
    ["bytes behind the index", sealed(Buffer.concat([afterLead, Buffer.of(0x80)])), "1 bytes after its end"],
    ["a number without an end", header({ chunkCount: Buffer.alloc(12, 1) }), "a number that does not end"]
  ])("is refused with %s", (_, bytes, reason) => {
    expect(problemOf(bytes)).toContain(reason)
  })

  it("is refused with more chunks than it has room for, before anything is made of them", () => {
    expect(problemOf(header({ chunkCount: ci(2 ** 50) }))).toContain(`claims ${2 ** 50} chunks`)
    expect(problemOf(sealed(afterLead, 2 ** 52))).toContain("cut off")
  })

  it("is refused with chunks whose sizes add up to what cannot be counted", () => {
    const entry = Buffer.concat([Buffer.alloc(16), ci(Number.MAX_SAFE_INTEGER), ci(1)])
    expect(problemOf(header({ entries: Buffer.concat([entry, entry]) }))).toContain("too large")
  })

  it("never throws, whatever follows the lead, and makes of it no more than it holds", () => {
    const anywhere = fc.uint8Array({ maxLength: 300 })
    const changes = fc.array(fc.tuple(fc.nat(afterLead.length - 1), fc.nat(255)), { maxLength: 4 })
    const changed = changes.map((edits) => {
      const bytes = Buffer.from(afterLead)
      for (const [at, value] of edits) bytes[at] = value
      return bytes
    })
    fc.assert(
      fc.property(fc.oneof(anywhere, changed), (bytes) => {
        const read = readZchunk(sealed(bytes))
        if (Either.isLeft(read)) return read.left.reason !== ""
        return read.right.chunks.length * 18 <= bytes.length && read.right.headerSize === sealed(bytes).length
      }),
      { numRuns: 2000 }
    )
  })
})
