import { execFileSync } from "node:child_process"
import { Effect, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { compress, decompress } from "../../rules/compression.ts"
import { describeWithTools } from "../kit/oracle.ts"

const packed = (compression: "gz" | "zstd", bytes: Uint8Array) => Effect.runPromise(compress(compression, bytes))
const byteArrays = fc.uint8Array({ maxLength: 2000 })

describe.each(["gz", "zstd"] as const)("compression: %s", (compression) => {
  it("is undone by decompression", async () => {
    await fc.assert(
      fc.asyncProperty(byteArrays, async (bytes) => {
        expect(Buffer.from(decompress(compression, await packed(compression, bytes))).equals(bytes)).toBe(true)
      })
    )
  })

  it("gives parts that may be put one behind the other", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(byteArrays, { minLength: 1, maxLength: 5 }), async (parts) => {
        const all = Buffer.concat(await Promise.all(parts.map((part) => packed(compression, part))))
        expect(Buffer.from(decompress(compression, all)).equals(Buffer.concat(parts))).toBe(true)
      })
    )
  })

  it("gives the same bytes at any time: nothing of the clock or the host is in them", async () => {
    const text = Buffer.from("the same text ".repeat(100))
    expect(await packed(compression, text)).toEqual(await packed(compression, text))
  })
})

describe("a gzip member", () => {
  it("has no time, no name and no comment in its header (RFC 1952)", async () => {
    const member = await packed("gz", Buffer.from("text"))
    expect([...member.subarray(0, 8)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0])
  })
})

describeWithTools("gzip", "zstd")("other readers", () => {
  it("read members and frames put one behind the other", async () => {
    const parts = ["one ", "two ", "three"].map((text) => Buffer.from(text))
    for (const [compression, tool] of [["gz", "gzip"] as const, ["zstd", "zstd"] as const]) {
      const input = Buffer.concat(await Promise.all(parts.map((part) => packed(compression, part))))
      expect(execFileSync(tool, ["-dc"], { input }).toString()).toBe("one two three")
    }
  })
})
