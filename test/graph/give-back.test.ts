import { randomBytes } from "node:crypto"
import { gunzipSync, gzipSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import { giveBack } from "../../graph/give-back.ts"

describe("memory that is given back", () => {
  it("is there no longer, at once", () => {
    const bytes = Buffer.alloc(40 * 2 ** 20, 1)
    const held = process.memoryUsage().arrayBuffers
    giveBack(bytes)
    expect(bytes).toHaveLength(0)
    expect(held - process.memoryUsage().arrayBuffers).toBeGreaterThan(39 * 2 ** 20)
  })

  it("is all that a decompressor took for its output, however many pieces that was", () => {
    const text = randomBytes(100_000)
    for (const chunkSize of [16 * 1024, 100_001, 200_000]) {
      const held = process.memoryUsage().arrayBuffers
      const open = gunzipSync(gzipSync(text), { chunkSize })
      giveBack(open)
      expect(open).toHaveLength(0)
      expect(process.memoryUsage().arrayBuffers - held).toBeLessThan(2 ** 20)
    }
  })

  it("is not that of the pool, in which other bytes lie", () => {
    const others = Buffer.from("others")
    giveBack(Buffer.from("short"))
    expect(others.toString()).toBe("others")
  })

  it("is not what other threads share", () => {
    const shared = new Uint8Array(new SharedArrayBuffer(100_000))
    giveBack(shared)
    expect(shared).toHaveLength(100_000)
  })
})
