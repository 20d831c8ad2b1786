import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { pack, unpack } from "../../graph/packed.ts"

describe("a blob as it lies in a store", () => {
  it("comes back as it was", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.nat(200), (bytes, repeated) => {
        const blob = Buffer.concat([bytes, Buffer.alloc(repeated, 7)])
        expect(Buffer.from(unpack(pack(blob), blob.length)).equals(blob)).toBe(true)
      })
    )
  })

  it("is shorter where that is possible, and never longer", () => {
    expect(pack(Buffer.alloc(10_000, 1)).length).toBeLessThan(100)
    fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => pack(bytes).length <= bytes.length))
  })

  it("gives damage as it is, and never more bytes than it may have", () => {
    const damage = Buffer.from("damage")
    expect(unpack(damage, 5000)).toEqual(damage)
    const bomb = pack(Buffer.alloc(1_000_000))
    expect(unpack(bomb, 10)).toEqual(bomb)
  })
})
