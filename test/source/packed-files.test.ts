import { FastCheck as fc } from "effect"
import { describe, expect, test } from "vitest"
import { type Digest, digestOf } from "../../graph/index.ts"
import { packFiles, type WitnessedFile } from "../../src/source/packed-files.ts"
import { witnessDigest, witnessText } from "../../src/source/witnesses.ts"

const file = (path: string, content: string): WitnessedFile => {
  const digest = digestOf(Buffer.from(content))
  const [sha256 = "", size = ""] = digest.split("/")
  const stat = { size: Number(size), mtime: 1n, inode: 2n, ctime: 3n }
  return { path, witness: witnessText(stat, { mark: 0, sha256, sigmd5: "", checksums: {} }) }
}

const absent = digestOf(Buffer.from("of no file"))

describe("packFiles", () => {
  test("finds each file by the digest of its content, as a map does", () => {
    const files = fc.array(
      fc.record({
        path: fc.string({ unit: "grapheme", minLength: 1 }),
        content: fc.constantFrom("a", "b", "c", "d", "e")
      })
    )
    fc.assert(
      fc.property(files, (found) => {
        const all = found.map(({ content, path }) => file(path, content))
        const map = new Map<Digest, WitnessedFile>(all.map((one) => [witnessDigest(one.witness), one]))
        const packed = packFiles(all)
        for (const digest of [...map.keys(), absent]) expect(packed(digest)).toEqual(map.get(digest))
      })
    )
  })

  test("finds nothing where there are no files", () => {
    expect(packFiles([])(absent)).toBeUndefined()
  })
})
