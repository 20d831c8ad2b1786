import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { expanded } from "../../graph/compressed.ts"
import { digestOf } from "../../graph/digest.ts"
import { type Pack, packsOf, unpacked } from "../../graph/pack.ts"
import { packBases } from "../../graph/pack-bases.ts"

const entry = (bytes: Uint8Array) => [digestOf(bytes), bytes] as const

describe("packs", () => {
  it("give every blob back as it was, in their order", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 40 }), (all) => {
        const blobs = all.map(entry)
        const back = [...packsOf(blobs)].flatMap((pack) => {
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
    const packs = [...packsOf(blobs)]
    expect(packs.flatMap((pack) => pack.blobs)).toHaveLength(100)
    expect(Math.max(...packs.map(({ size }) => size))).toBeLessThanOrEqual(512 * 1024)
    expect(packs.length).toBeLessThan(14)
  })

  it("build on one that lists the same things, which itself builds on none", () => {
    const stored = new Map<number, Uint8Array>()
    const bases = packBases((id) => stored.get(id))
    const store = (blobs: ReadonlyArray<Uint8Array>): ReadonlyArray<Pack> =>
      [...packsOf(blobs.map(entry), bases)].map((pack) => {
        const base = pack.base === null ? undefined : stored.get(pack.base)
        const bytes = expanded(pack.bytes, pack.size, base)
        expect(Buffer.concat(blobs).equals(bytes)).toBe(true)
        stored.set(stored.size + 1, bytes)
        if (base === undefined) bases.add(stored.size, pack.lists)
        return pack
      })
    const lists = (word: string, from: number) =>
      Array.from({ length: 20 }, (_, list) =>
        Buffer.from(
          Array.from({ length: 60 }, (_, row) => `${word}\t${digestOf(Buffer.from(`${from + list} ${row}`))}\n`).join(
            ""
          )
        )
      )
    const [first, other, again, third] = [
      ...store(lists("tagged", 0)),
      ...store(lists("tagged", 100)),
      ...store(lists("chosen", 0)),
      ...store([...lists("listed", 115), ...lists("listed", 0).slice(0, 4)])
    ]
    expect([first?.base, other?.base, again?.base, third?.base]).toEqual([null, null, 1, 2])
    expect(again?.bytes.length).toBeLessThan((first?.bytes.length ?? 0) / 10)
    expect(store(lists("chosen", 200)).map(({ base }) => base)).toEqual([null])
  })

  it("of nothing are none", () => {
    expect([...packsOf([])]).toEqual([])
  })
})
