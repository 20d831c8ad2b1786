import { hash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { zstdDecompressSync } from "node:zlib"
import { Either, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { readZchunk } from "../../src/repodata/read-zchunk.ts"
import { chunkEntry, noDictionary, zchunkHeader } from "../../src/repodata/zchunk.ts"
import { describeWithShared, sharedPath } from "../kit/oracle.ts"
import { realZchunk, realZchunkWithDictionary } from "./real-zchunk.ts"

/** The header as we would write it for the chunks of a file that another tool wrote. */
const headerAnew = (file: Uint8Array) => {
  const index = Either.getOrThrow(readZchunk(file))
  const [dictionary, ...chunks] = index.chunks.map(({ offset, size, storedSize }) => ({
    size,
    stored: file.subarray(offset, offset + storedSize)
  }))
  return zchunkHeader({
    chunks: index.chunks.length,
    dataDigest: hash("sha256", file.subarray(index.headerSize), "buffer"),
    entries: [
      index.hasDictionary && dictionary !== undefined ? chunkEntry(dictionary.stored, dictionary.size) : noDictionary,
      ...chunks.map(({ size, stored }) => chunkEntry(stored, size))
    ]
  })
}

const expectSameHeader = (file: Uint8Array): void => {
  const { headerChecksum, headerSize } = Either.getOrThrow(readZchunk(file))
  const written = headerAnew(file)
  expect(Buffer.from(written.bytes).toString("hex")).toBe(Buffer.from(file.subarray(0, headerSize)).toString("hex"))
  expect(written.checksum).toBe(headerChecksum)
}

describe("the header of a zchunk file", () => {
  it("is byte for byte the one that zck 1.2.3 writes for the same chunks", () => {
    expectSameHeader(realZchunk)
  })

  it("has the dictionary's entry first, as zck 1.2.3 has it", () => {
    expectSameHeader(realZchunkWithDictionary)
  })

  it("is read as it was written, whatever the chunks, kept in one piece or in many", () => {
    const chunk = fc.record({ stored: fc.uint8Array({ minLength: 1, maxLength: 300 }), size: fc.nat(20_000_000) })
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 40 }), (chunks) => {
        const entries = chunks.map(({ size, stored }) => chunkEntry(stored, size))
        const dataDigest = hash("sha256", Buffer.concat(chunks.map(({ stored }) => stored)), "buffer")
        const count = chunks.length + 1
        const header = zchunkHeader({ chunks: count, dataDigest, entries: [noDictionary, ...entries] })
        const inOnePiece = Buffer.concat([noDictionary, ...entries])
        expect(zchunkHeader({ chunks: count, dataDigest, entries: [inOnePiece] })).toEqual(header)
        const read = Either.getOrThrow(readZchunk(header.bytes))
        expect(read).toMatchObject({
          headerSize: header.bytes.length,
          headerChecksum: header.checksum,
          dataChecksum: dataDigest.toString("hex"),
          hasDictionary: false
        })
        let offset = header.bytes.length
        expect(read.chunks.slice(1)).toEqual(
          chunks.map(({ size, stored }) => {
            const at = offset
            offset += stored.length
            const checksum = Buffer.from(hash("sha512", stored, "buffer").subarray(0, 16)).toString("hex")
            return { checksum, offset: at, storedSize: stored.length, size }
          })
        )
      })
    )
  })

  const raw = ["oracle", "variants", "zck", "raw"] as const
  const recorded = describeWithShared(...raw)
  recorded("as createrepo_c writes it for a real Koji", () => {
    const files = () =>
      ["aarch64", "i386", "x86_64"].flatMap((arch) => {
        const folder = sharedPath(...raw, arch, "repodata")
        return readdirSync(folder)
          .filter((name) => name.endsWith(".zck"))
          .map((name) => readFileSync(`${folder}/${name}`))
      })

    it("is byte for byte ours, for the same chunks", () => {
      expect(files()).toHaveLength(9)
      for (const file of files()) expectSameHeader(file)
    })

    it("leads to chunks that are frames, whose texts are as large as it says", () => {
      for (const file of files()) {
        const { chunks } = Either.getOrThrow(readZchunk(file))
        for (const { offset, size, storedSize } of chunks.slice(1)) {
          expect(zstdDecompressSync(file.subarray(offset, offset + storedSize))).toHaveLength(size)
        }
        const last = chunks.at(-1)
        expect((last?.offset ?? 0) + (last?.storedSize ?? 0)).toBe(file.length)
      }
    })
  })
})
