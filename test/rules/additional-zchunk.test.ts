import { createHash } from "node:crypto"
import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { Bytes } from "../../graph/index.ts"
import { AdditionalZchunk } from "../../rules/additional-zchunk.ts"
import { Rope } from "../../rules/rope.ts"
import { readZchunk } from "../../src/repodata/read-zchunk.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { zchunkTexts } from "../kit/zchunk-texts.ts"

/** Of about 300 KiB. */
const text = Array.from({ length: 8000 }, (_, at) => `<packagereq>package-${at * 7919}</packagereq>\n`).join("")
const md5 = (bytes: string | Uint8Array) => createHash("md5").update(bytes).digest("hex")

const makeFile = async (text: string, dictionary?: string) => {
  const kit = engineKit()
  const file = await kit.want(AdditionalZchunk, {
    type: "group_zck",
    content: kit.give(Bytes, Buffer.from(text)),
    checksumType: "md5",
    ...(dictionary === undefined ? {} : { dictionary: kit.give(Bytes, Buffer.from(dictionary)) })
  })
  return { file, bytes: Buffer.concat(kit.read(Rope, file.content).map((part) => kit.read(Bytes, part))) }
}

describe("an additional file as a zchunk file", () => {
  it("is described in both states: its own sums, and those of the text", async () => {
    const { bytes, file } = await makeFile(text)
    const { headerChecksum, headerSize } = Either.getOrThrow(readZchunk(bytes))
    expect(zchunkTexts(bytes).join("")).toBe(text)
    expect(file).toMatchObject({
      checksum: md5(bytes),
      size: bytes.length,
      openChecksum: md5(text),
      openSize: text.length,
      headerChecksum,
      headerSize
    })
  })

  it("is cut so that a change leaves most chunks as they were", async () => {
    const before = zchunkTexts((await makeFile(text)).bytes)
    const after = zchunkTexts((await makeFile(`<new/>\n${text}`)).bytes)
    expect(before.length).toBeGreaterThan(3)
    expect(after.filter((chunk) => !before.includes(chunk)).length).toBeLessThanOrEqual(2)
  })

  it("is compressed with a dictionary where one is given", async () => {
    const { bytes } = await makeFile(text, text.slice(0, 50_000))
    expect(Either.getOrThrow(readZchunk(bytes)).hasDictionary).toBe(true)
    expect(zchunkTexts(bytes).join("")).toBe(text)
  })

  it("may be empty", async () => {
    const { bytes, file } = await makeFile("")
    expect(zchunkTexts(bytes)).toEqual([])
    expect(file).toMatchObject({ openSize: 0, openChecksum: md5("") })
  })
})
