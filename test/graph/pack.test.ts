import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { expanded } from "../../graph/compressed.ts"
import { digestOf } from "../../graph/digest.ts"
import { packsOf, unpacked } from "../../graph/pack.ts"

const entry = (bytes: Uint8Array) => [digestOf(bytes), bytes] as const

describe("packs", () => {
  it("give every blob back as it was, in their order", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 40 }), (all) => {
        const blobs = all.map(entry)
        const back = packsOf(blobs).flatMap((pack) => {
          const bytes = expanded(pack.bytes, pack.size)
          return pack.blobs.map(({ digest, start }) => [digest, Buffer.from(unpacked(bytes, digest, start))])
        })
        expect(back).toEqual(blobs.map(([digest, bytes]) => [digest, Buffer.from(bytes)]))
      })
    )
  })

  it("take what blobs have in common but once", () => {
    const alike = Array.from({ length: 50 }, (_, i) =>
      entry(Buffer.from(`${i} ${Array.from({ length: 500 }, (_, n) => (n * 7919) % 4099).join(" ")}`))
    )
    const [pack, ...others] = packsOf(alike)
    const [alone] = packsOf(alike.slice(0, 1))
    expect(others).toEqual([])
    expect(pack?.bytes.length).toBeLessThan(3 * (alone?.bytes.length ?? 0))
  })

  it("stay of a size that is quick to expand", () => {
    const blobs = Array.from({ length: 100 }, (_, i) => entry(Buffer.alloc(60_000, i)))
    const packs = packsOf(blobs)
    expect(packs.flatMap((pack) => pack.blobs)).toHaveLength(100)
    expect(Math.max(...packs.map(({ size }) => size))).toBeLessThanOrEqual(512 * 1024)
    expect(packs.length).toBeLessThan(14)
  })

  it("of nothing are none", () => {
    expect(packsOf([])).toEqual([])
  })
})
