import { hash } from "node:crypto"
import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { compressed, expanded } from "../../graph/compressed.ts"

describe("bytes as they lie in a store", () => {
  it("comes back as it was", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.nat(200), (bytes, repeated) => {
        const blob = Buffer.concat([bytes, Buffer.alloc(repeated, 7)])
        expect(Buffer.from(expanded(compressed(blob), blob.length)).equals(blob)).toBe(true)
      })
    )
  })

  it("is shorter where that is possible, and never longer", () => {
    expect(compressed(Buffer.alloc(10_000, 1)).length).toBeLessThan(100)
    fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => compressed(bytes).length <= bytes.length))
  })

  it("comes back from a base, and takes no room for what it has in common with it", () => {
    const noise = Buffer.concat(Array.from({ length: 8000 }, (_, i) => hash("sha256", String(i), "buffer")))
    const blob = Buffer.concat([noise.subarray(100_000), noise.subarray(0, 50_000)])
    const stored = compressed(blob, noise)
    expect(stored.length).toBeLessThan(500)
    expect(blob.equals(expanded(stored, blob.length, noise))).toBe(true)
    expect(expanded(stored, blob.length)).toEqual(stored)
  })

  it("gives damage as it is, and never more bytes than it may have", () => {
    const damage = Buffer.from("damage")
    expect(expanded(damage, 5000)).toEqual(damage)
    const bomb = compressed(Buffer.alloc(1_000_000))
    expect(expanded(bomb, 10)).toEqual(bomb)
  })
})
