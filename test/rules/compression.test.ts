import { execFileSync } from "node:child_process"
import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { compress, decompress } from "../../rules/compression.ts"
import { describeWithTools } from "../kit/oracle.ts"

const byteArrays = fc.uint8Array({ maxLength: 2000 })

describe.each(["gz", "zstd"] as const)("compression: %s", (compression) => {
  it("is undone by decompression", () => {
    fc.assert(
      fc.property(byteArrays, (bytes) => {
        expect(Buffer.from(decompress(compression, compress(compression, bytes))).equals(bytes)).toBe(true)
      })
    )
  })

  it("gives parts that may be put one behind the other", () => {
    fc.assert(
      fc.property(fc.array(byteArrays, { minLength: 1, maxLength: 5 }), (parts) => {
        const all = Buffer.concat(parts.map((part) => compress(compression, part)))
        expect(Buffer.from(decompress(compression, all)).equals(Buffer.concat(parts))).toBe(true)
      })
    )
  })

  it("gives the same bytes at any time: nothing of the clock or the host is in them", async () => {
    const text = Buffer.from("the same text ".repeat(100))
    expect(compress(compression, text)).toEqual(compress(compression, text))
  })
})

describe("decompression of gzip", () => {
  it("takes members that hide how many they are: the last says how long the first is", () => {
    const two = Buffer.concat(["one", "two"].map((text) => compress("gz", Buffer.from(text))))
    expect(Buffer.from(decompress("gz", two)).toString()).toBe("onetwo")
  })

  it("takes a header with a name in it (RFC 1952, 2.3)", () => {
    const [plain, name] = [compress("gz", Buffer.from("text")), Buffer.from("primary.xml\0")]
    const member = Buffer.concat([plain.subarray(0, 10), name, plain.subarray(10)])
    member[3] = 8
    expect(Buffer.from(decompress("gz", member)).toString()).toBe("text")
  })

  it("refuses what is cut", () => {
    const member = compress("gz", Buffer.from("text ".repeat(100)))
    for (let length = 0; length < member.length; length += 1) {
      expect(() => decompress("gz", member.subarray(0, length)), `${length} bytes`).toThrow()
    }
  })
})

describe("a gzip member", () => {
  it("has no time, no name and no comment in its header (RFC 1952)", () => {
    const member = compress("gz", Buffer.from("text"))
    expect([...member.subarray(0, 8)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0])
  })
})

describeWithTools("gzip", "zstd")("other readers", () => {
  it("read members and frames put one behind the other", () => {
    const parts = ["one ", "two ", "three"].map((text) => Buffer.from(text))
    for (const [compression, tool] of [["gz", "gzip"] as const, ["zstd", "zstd"] as const]) {
      const input = Buffer.concat(parts.map((part) => compress(compression, part)))
      expect(execFileSync(tool, ["-dc"], { input }).toString()).toBe("one two three")
    }
  })
})
