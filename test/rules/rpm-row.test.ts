import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import {
  buildNvr,
  ChosenChunk,
  type ChosenRpm,
  compareBytes,
  copyPath,
  inPublishedOrder,
  TaggedChunk
} from "../../rules/rpm-row.ts"
import { fileName } from "../../src/rpm/nevra.ts"
import { taggedRpm, taggedRpms } from "./rows.ts"

describe("published order", () => {
  const sorted = (names: ReadonlyArray<string>) =>
    inPublishedOrder(names.map((name) => taggedRpm({ name }))).map(({ name }) => name)

  it("is that of the file names, byte by byte", () => {
    // "-" 2d, "." 2e, "0" 30, "A" 41, "_" 5f, "a" 61, "~" 7e; then what is longer than a byte
    expect(sorted(["a~", "aa", "a_", "aA", "a0", "a", "a.", "a-b", "é", "a+", "日本"])).toEqual([
      "a+",
      "a",
      "a-b",
      "a.",
      "a0",
      "aA",
      "a_",
      "aa",
      "a~",
      "é",
      "日本"
    ])
  })

  it("compares the whole file name, so that rpms of two names may take turns", () => {
    const rpms = [
      taggedRpm({ name: "foo", version: "2" }),
      taggedRpm({ name: "foo-1", version: "1" }),
      taggedRpm({ name: "foo", version: "0" })
    ]
    expect(inPublishedOrder(rpms).map(fileName)).toEqual([
      "foo-0-1.x86_64.rpm",
      "foo-1-1-1.x86_64.rpm",
      "foo-2-1.x86_64.rpm"
    ])
  })

  it("puts one file name of two builds in the order of their directories", () => {
    const rpms = ["b", "a"].map((name) => taggedRpm({ name: "same", build: { name } }))
    expect(inPublishedOrder(rpms).map(buildNvr)).toEqual(["a-1.0-1", "b-1.0-1"])
  })

  it("orders text as its UTF-8 bytes, where code units would not", () => {
    // U+FF01 is one code unit above the surrogates, U+1F600 comes after it in UTF-8
    expect(compareBytes("\uff01", "\u{1f600}")).toBe(-1)
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
      })
    )
  })
})

describe("the codecs of rpm lists", () => {
  it("give back any rpm of a tag, however odd its names are", () => {
    fc.assert(
      fc.property(fc.array(taggedRpms, { maxLength: 5 }), (rpms) => {
        expect(TaggedChunk.decode(TaggedChunk.encode(rpms))).toEqual(rpms)
      })
    )
  })

  it("give back any chosen rpm, of the primary copy or of a key", () => {
    const sigkeys = fc.constantFrom(null, "0a1b2c3d")
    const chosenRpms = fc.tuple(taggedRpms, sigkeys, fc.boolean()).map(([rpm, sigkey, multilib]): ChosenRpm => {
      const { primary: file, signatures: _, ...facts } = rpm
      return { ...facts, sigkey, file, multilib }
    })
    fc.assert(
      fc.property(fc.array(chosenRpms, { maxLength: 5 }), (rpms) => {
        expect(ChosenChunk.decode(ChosenChunk.encode(rpms))).toEqual(rpms)
      })
    )
  })

  it("write one line an rpm", () => {
    const rpm = taggedRpm({
      name: "weather",
      version: "2.0~rc1",
      epoch: 1,
      keys: { aaaa0001: "written", "": "unwritten" }
    })
    const lines = Buffer.from(TaggedChunk.encode([rpm, rpm])).toString()
    expect(lines.match(/\n/g)).toHaveLength(2)
    expect(lines.split("\n")[0]?.split("\t")).toEqual([
      "weather",
      "2.0~rc1",
      "1",
      "x86_64",
      "1",
      "7",
      "3",
      "weather",
      "2.0~rc1",
      "1",
      rpm.payloadhash,
      "4096 1700000000",
      rpm.primary,
      `=,aaaa0001=${rpm.signatures[1]?.copy}`
    ])
  })

  it("refuse a line that ends early and a digest that is none", () => {
    expect(() => TaggedChunk.decode(Buffer.from("bash\t5\n"))).toThrow("a line of an rpm list ends early")
    const line = Buffer.from(TaggedChunk.encode([taggedRpm({ name: "a" })])).toString()
    expect(() => TaggedChunk.decode(Buffer.from(line.replace(/[0-9a-f]{64}\//, "no/")))).toThrow("not a digest")
  })
})

describe("the path of a copy", () => {
  const rpm = taggedRpm({ name: "foo-libs", version: "1", release: "2", build: { name: "foo" } })

  it("is that of Koji's topdir", () => {
    expect(copyPath(rpm, null)).toBe("packages/foo/1/2/x86_64/foo-libs-1-2.x86_64.rpm")
    expect(copyPath(rpm, "4c8da725")).toBe("packages/foo/1/2/data/signed/4c8da725/x86_64/foo-libs-1-2.x86_64.rpm")
  })
})
