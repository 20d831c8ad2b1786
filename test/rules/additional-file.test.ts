import { createHash } from "node:crypto"
import { gunzipSync, zstdDecompressSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import { Bytes } from "../../graph/index.ts"
import { AdditionalFile } from "../../rules/additional-file.ts"
import { Rope } from "../../rules/rope.ts"
import { engineKit } from "../kit/engine-kit.ts"

const open = { gz: gunzipSync, zstd: zstdDecompressSync }
const text = Buffer.from("<comps>some text, some text</comps>")
const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex")

describe("an additional file", () => {
  it.each(["gz", "zstd"] as const)("is compressed with %s, and described in both states", async (compression) => {
    const kit = engineKit()
    const input = { type: "group", content: kit.give(Bytes, text), compression, checksumType: "md5" as const }
    const made = await kit.want(AdditionalFile, input)
    const stored = Buffer.concat(kit.read(Rope, made.content).map((part) => kit.read(Bytes, part)))
    expect(open[compression](stored)).toEqual(text)
    expect(made).toMatchObject({
      checksum: md5(stored),
      size: stored.length,
      openChecksum: md5(text),
      openSize: text.length
    })
  })

  it("that is taken as it is has no other state", async () => {
    const kit = engineKit()
    const content = kit.give(Bytes, text)
    const made = await kit.want(AdditionalFile, { type: "group", content, compression: null })
    expect(kit.read(Rope, made.content)).toEqual([content])
    expect(made).toEqual({
      content: made.content,
      checksum: createHash("sha256").update(text).digest("hex"),
      size: text.length
    })
  })
})
