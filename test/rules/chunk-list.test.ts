import { createHash } from "node:crypto"
import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { type Digest, digestOf } from "../../graph/index.ts"
import {
  type ChunkList,
  type ChunkRef,
  chunkList,
  cutIntoChunks,
  lettersOf,
  mapChunks,
  runsOf,
  smallestLevel
} from "../../rules/chunk-list.ts"
import { ChosenChunk } from "../../rules/rpm-row.ts"
import { letterOf, packageHref } from "../../src/koji/topdir.ts"
import { digestFor, segments } from "./rows.ts"

interface Row {
  readonly name: string
  readonly version: number
}

const row = (name: string, version = 1): Row => ({ name, version })
const texts = (rows: Iterable<Row>) => [...cutIntoChunks(rows)].map((chunk) => JSON.stringify(chunk))

/** The zero bits that end the sha256 of a name, counted one by one in its binary digits. */
const countedZeroBits = (name: string): number => {
  const bits = [...createHash("sha256").update(name).digest()].map((byte) => byte.toString(2).padStart(8, "0")).join("")
  return bits.length - bits.replace(/0+$/, "").length
}

/** Names that begin a chunk, and names that do not. */
const named = Array.from({ length: 4000 }, (_, index) => `package-${index}`)
const cutters = named.filter((name) => countedZeroBits(name) >= smallestLevel)
const others = named.filter((name) => countedZeroBits(name) < smallestLevel)

/** Rows in published order: distinct names, one version each; about one in four cuts. */
const lists: fc.Arbitrary<ReadonlyArray<Row>> = fc
  .uniqueArray(
    fc.oneof(
      { arbitrary: fc.constantFrom(...cutters), weight: 1 },
      { arbitrary: fc.constantFrom(...others), weight: 3 }
    ),
    {
      maxLength: 40
    }
  )
  .map((names) => names.sort().map((name) => row(name)))

describe("cutIntoChunks", () => {
  it("cuts before a name whose sha256 ends in six zero bits or more, and notes how many", () => {
    const [cutter = ""] = cutters
    const [first = "", second = ""] = others
    expect(cutIntoChunks([row(first), row(cutter), row(second)])).toEqual([
      { rows: [row(first)], level: countedZeroBits(first), first },
      { rows: [row(cutter), row(second)], level: countedZeroBits(cutter), first: cutter }
    ])
  })

  it("counts zero bits as the binary digits of sha256 show them", () => {
    fc.assert(
      fc.property(segments, (name) => {
        expect(cutIntoChunks([row(name)])).toEqual([{ rows: [row(name)], level: countedZeroBits(name), first: name }])
      })
    )
    // beyond the last byte too
    const deepest = named.reduce((a, b) => (countedZeroBits(b) > countedZeroBits(a) ? b : a))
    expect(countedZeroBits(deepest)).toBeGreaterThan(8)
    expect(cutIntoChunks([row(deepest)])[0]?.level).toBe(countedZeroBits(deepest))
  })

  it("never cuts between two rows of one name, however it is hashed", () => {
    const [cutter = ""] = cutters
    expect(cutIntoChunks([row(cutter, 1), row(cutter, 2), row(cutter, 3)])).toHaveLength(1)
  })

  it("makes chunks of 64 names on average", () => {
    const average = named.length / cutIntoChunks(named.map((name) => row(name))).length
    expect(average).toBeGreaterThan(48)
    expect(average).toBeLessThan(85)
  })

  it("keeps every row, in order", () => {
    fc.assert(
      fc.property(lists, (rows) => {
        expect(cutIntoChunks(rows).flatMap((chunk) => chunk.rows)).toEqual(rows)
      })
    )
  })

  it("makes nothing of nothing", () => expect(cutIntoChunks([])).toEqual([]))

  it("changes one chunk, and not its cut, when a row's version changes", () => {
    fc.assert(
      fc.property(lists, fc.nat(), (rows, pick) => {
        fc.pre(rows.length > 0)
        const at = pick % rows.length
        const changed = rows.map((old, index) => (index === at ? row(old.name, 2) : old))
        const [before, after] = [cutIntoChunks(rows), cutIntoChunks(changed)]
        expect(after.map(({ first, level }) => ({ first, level }))).toEqual(
          before.map(({ first, level }) => ({ first, level }))
        )
        expect(texts(changed).filter((chunk) => !texts(rows).includes(chunk))).toHaveLength(1)
      })
    )
  })

  it("changes at most the chunks beside it when a row comes or goes", () => {
    fc.assert(
      fc.property(lists, fc.constantFrom(...named), (rows, name) => {
        const without = rows.filter((known) => known.name !== name)
        const place = without.findIndex((known) => known.name > name)
        const at = place < 0 ? without.length : place
        const chunksWithout = texts(without)
        const chunksWith = texts([...without.slice(0, at), row(name), ...without.slice(at)])
        // one chunk is replaced by one or, where the new name cuts, by two (the first of a list may be new altogether)
        expect(chunksWith.filter((chunk) => !chunksWithout.includes(chunk)).length).toBeLessThanOrEqual(2)
        expect(chunksWithout.filter((chunk) => !chunksWith.includes(chunk)).length).toBeLessThanOrEqual(1)
      })
    )
  })
})

const ref = (first: string, level: number, chunk = first): ChunkRef<string> => ({
  chunk: digestFor(chunk) as ChunkRef<string>["chunk"], // no chunk is read here
  rpms: 1,
  level,
  first,
  letters: [letterOf(first)]
})

const derivedOf = ({ chunk, letters, rpms }: ChunkRef<string>) => ({ chunk, letters, rpms })

describe("mapChunks", () => {
  it("derives a list on the same cuts", () => {
    const list = [ref("a", 2), ref("b", 6), ref("c", 9)]
    const derived = mapChunks(
      list,
      list.map(({ first }) => derivedOf(ref(first, 0, `derived ${first}`)))
    )
    expect(derived).toEqual(list.map(({ first, level }) => ref(first, level, `derived ${first}`)))
  })

  it("leaves the cut before a dropped chunk at the next one that is kept", () => {
    const list = [ref("a", 2), ref("b", 9), ref("c", 8), ref("d", 6), ref("e", 7)]
    const derived = mapChunks(
      list,
      list.map((one) => (one.first === "b" || one.first === "c" ? null : derivedOf(one)))
    )
    expect(derived.map(({ first, level }) => [first, level])).toEqual([
      ["a", 2],
      ["d", 9],
      ["e", 7]
    ])
  })

  it("makes an empty list where every chunk is dropped", () => {
    expect(mapChunks([ref("a", 6)], [null])).toEqual([])
  })

  it("ends no run elsewhere: the runs of a derived list are those of the whole, without what was dropped", () => {
    const levelled = fc.array(fc.record({ level: fc.integer({ min: 6, max: 9 }), kept: fc.boolean() }), {
      maxLength: 30
    })
    fc.assert(
      fc.property(levelled, fc.integer({ min: 6, max: 9 }), (cuts, level) => {
        const list = cuts.map((cut, index) => ref(`p${index}`, cut.level))
        const kept = new Set(list.filter((_, index) => cuts[index]?.kept === true).map(({ first }) => first))
        const derived = mapChunks(
          list,
          list.map((one) => (kept.has(one.first) ? derivedOf(one) : null))
        )
        const names = (runs: ReadonlyArray<ChunkList<string>>) => runs.map((run) => run.map(({ first }) => first))
        expect(names(runsOf(derived, level))).toEqual(
          names(runsOf(list, level))
            .map((run) => run.filter((first) => kept.has(first)))
            .filter((run) => run.length > 0)
        )
      })
    )
  })
})

describe("runsOf", () => {
  it("begins a run at each cut of the level or harder, and at the first chunk whatever its cut", () => {
    const list = [ref("a", 1), ref("b", 6), ref("c", 9), ref("d", 7), ref("e", 10)]
    const runs = (level: number) => runsOf(list, level).map((run) => run.map(({ first }) => first).join(""))
    expect(runs(6)).toEqual(["a", "b", "c", "d", "e"])
    expect(runs(7)).toEqual(["ab", "c", "d", "e"])
    expect(runs(9)).toEqual(["ab", "cd", "e"])
    expect(runs(11)).toEqual(["abcde"])
    expect(runsOf([], 6)).toEqual([])
  })
})

describe("the letters of a chunk", () => {
  it("are what the paths of the packages say, also where a lower-case letter is two characters", () => {
    expect(lettersOf(["İstanbul-1-1.x.rpm", "Ünix-1-1.x.rpm"])).toEqual(["i\u0307", "ü"])
    for (const file of ["İstanbul-1-1.x.rpm", "Ünix-1-1.x.rpm", "R-4-1.x.rpm", "日本-1-1.x.rpm"]) {
      expect(packageHref(file)).toBe(`Packages/${letterOf(file)}/${file}`)
    }
  })

  it("are the lower-case first characters of its file names, sorted, each once", () => {
    expect(lettersOf(["Zlib-1-1.x.rpm", "zsh-5-1.x.rpm", "4ti2-1-1.x.rpm", "bash-5-1.x.rpm"])).toEqual(["4", "b", "z"])
    expect(lettersOf([])).toEqual([])
  })
})

describe("a chunk list's codec", () => {
  const codec = chunkList(ChosenChunk)
  const lists = fc.array(
    fc.record({
      chunk: fc.string().map((text): Digest => digestFor(text)),
      rpms: fc.nat(),
      level: fc.integer({ min: 0, max: 256 }),
      first: segments,
      letters: fc.array(segments).map(lettersOf)
    })
  )

  it("gives back what it wrote", () => {
    fc.assert(
      fc.property(lists, (list) => {
        // the codec is the only one that reads these digests, and does not open them
        const refs = list as unknown as Parameters<typeof codec.encode>[0]
        expect(codec.decode(codec.encode(refs))).toEqual(refs)
      })
    )
  })

  it("names its chunks as what a list stands on", () => {
    const chunk = digestOf(ChosenChunk.encode([]))
    const bytes = Buffer.from(`${chunk}\t1\t6\ta\tabc\n`)
    expect(codec.referencesIn(bytes)).toEqual([{ digest: chunk, codec: ChosenChunk }])
  })

  it("refuses bytes that are no list", () => {
    expect(() => codec.decode(Buffer.from("rubbish\n"))).toThrow("not a chunk list's line: rubbish")
  })
})
