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

  it("gives damage as it is, and never more bytes than it may have", () => {
    const damage = Buffer.from("damage")
    expect(expanded(damage, 5000)).toEqual(damage)
    const bomb = compressed(Buffer.alloc(1_000_000))
    expect(expanded(bomb, 10)).toEqual(bomb)
  })
})
