import { createHash } from "node:crypto"
import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { Bytes } from "../../graph/index.ts"
import { Rope } from "../../rules/rope.ts"
import { ZchunkChunks } from "../../rules/zchunk-chunks.ts"
import { ZchunkFile } from "../../rules/zchunk-file.ts"
import { ZchunkParts } from "../../rules/zchunk-part.ts"
import { closing, opening } from "../../src/repodata/documents.ts"
import { readZchunk } from "../../src/repodata/read-zchunk.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { zchunkTexts } from "../kit/zchunk-texts.ts"
import { fixturePath } from "./fixture-rows.ts"
import { metadataRows } from "./metadata-rows.ts"

const chunks = [["clockwork-3.2-4.x86_64.rpm", "hello-1.0-1.x86_64.rpm"], ["minish-5-2.x86_64.rpm"]]

const makeFile = async (
  kit: ReturnType<typeof engineKit>,
  { dictionary, checksumType }: { readonly dictionary?: Uint8Array; readonly checksumType?: "sha256" | "sha1" } = {}
) => {
  const given = dictionary === undefined ? {} : { dictionary: kit.give(Bytes, dictionary) }
  const parts = []
  for (const files of chunks) {
    const rows = await metadataRows(kit, files)
    const dictionaries = dictionary === undefined ? {} : { primary: kit.give(Bytes, dictionary) }
    parts.push((await kit.want(ZchunkChunks, { rows, first: files[0] ?? "", dictionaries })).primary)
  }
  const file = await kit.want(ZchunkFile, {
    kind: "primary",
    rpms: 3,
    parts: kit.give(ZchunkParts, parts),
    ...given,
    ...(checksumType === undefined ? {} : { checksumType })
  })
  const rope = kit.read(Rope, file.content)
  return { file, parts, rope, bytes: Buffer.concat(rope.map((part) => kit.read(Bytes, part))) }
}

describe("a zchunk file", () => {
  it("has a chunk for the document's opening, those of the packages, and one for its closing", async () => {
    const { bytes } = await makeFile(engineKit({ path: fixturePath }))
    const texts = zchunkTexts(bytes)
    expect(texts[0]).toBe(Buffer.from(opening("primary", 3)).toString())
    expect(texts.at(-1)).toBe(Buffer.from(closing("primary")).toString())
    expect(texts.slice(1, -1).map((text) => /<name>(\w+)/.exec(text)?.[1])).toEqual(["clockwork", "hello", "minish"])
  })

  it("consists of its header and the packages' chunks as they are kept", async () => {
    const { parts, rope } = await makeFile(engineKit({ path: fixturePath }))
    expect(rope).toHaveLength(5)
    expect(rope.slice(2, -1)).toEqual(parts.map(({ stored }) => stored))
  })

  it("says what it is: its sums and sizes", async () => {
    const { bytes, file } = await makeFile(engineKit({ path: fixturePath }), { checksumType: "sha1" })
    const { headerChecksum, headerSize } = Either.getOrThrow(readZchunk(bytes))
    expect(file).toMatchObject({
      checksum: createHash("sha1").update(bytes).digest("hex"),
      size: bytes.length,
      openSize: zchunkTexts(bytes).join("").length,
      headerChecksum,
      headerSize
    })
  })

  it("holds the dictionary that its chunks are compressed with", async () => {
    const kit = engineKit({ path: fixturePath })
    const plain = zchunkTexts((await makeFile(kit)).bytes)
    const dictionary = Buffer.from(plain[1] ?? "", "latin1")
    const { bytes } = await makeFile(kit, { dictionary })
    expect(Either.getOrThrow(readZchunk(bytes)).hasDictionary).toBe(true)
    expect(zchunkTexts(bytes)).toEqual(plain)
  })

  it("is made anew without its packages being read where only their number is another", async () => {
    const kit = engineKit({ path: fixturePath })
    const { parts } = await makeFile(kit)
    kit.ran()
    await kit.want(ZchunkFile, { kind: "primary", rpms: 4, parts: kit.give(ZchunkParts, parts) })
    expect(kit.ran()).toEqual(["zchunk-file primary"])
  })
})
