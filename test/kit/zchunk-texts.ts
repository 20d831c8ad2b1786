import { hash } from "node:crypto"
import { zstdDecompressSync } from "node:zlib"
import { Either } from "effect"
import { readZchunk } from "../../src/repodata/read-zchunk.ts"

/** The whole text of a zchunk file, after all that it says of itself has been checked. */
export const zchunkText = (file: Uint8Array): string => Buffer.from(zchunkTexts(file).join(""), "latin1").toString()

/** The texts of its chunks, the dictionary's aside, as byte strings: a chunk may end within a character. */
export const zchunkTexts = (file: Uint8Array): ReadonlyArray<string> => {
  const { chunks, dataChecksum, hasDictionary, headerSize } = Either.getOrThrow(readZchunk(file))
  const check = (holds: boolean, what: string): void => {
    if (!holds) throw new Error(`a zchunk file is not what it says: ${what}`)
  }
  check(hash("sha256", file.subarray(headerSize)) === dataChecksum, "its data")
  const [first, ...others] = chunks.map(({ checksum, offset, size, storedSize }) => {
    const stored = file.subarray(offset, offset + storedSize)
    check(hash("sha512", stored).startsWith(checksum) || storedSize === 0, `the chunk at ${offset}`)
    return { stored, size }
  })
  check((chunks.at(-1)?.offset ?? 0) + (chunks.at(-1)?.storedSize ?? 0) === file.length, "its length")
  const dictionary = first === undefined || !hasDictionary ? undefined : zstdDecompressSync(first.stored)
  check((dictionary?.length ?? 0) === first?.size, "its dictionary")
  return others.map(({ size, stored }) => {
    const text = zstdDecompressSync(stored, dictionary === undefined ? {} : { dictionary })
    check(text.length === size, "the size of a text")
    return text.toString("latin1")
  })
}
