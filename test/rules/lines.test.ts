import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import type { BlobCodec } from "../../graph/index.ts"
import { lines } from "../../rules/lines.ts"
import { digestFor } from "./rows.ts"

const Names: BlobCodec<ReadonlyArray<string>> = lines({
  name: "names",
  lineOf: (name: string) => name,
  rowOf: (line) => {
    if (line === "") throw new TypeError("a name is not empty")
    return line
  },
  references: (names) => names.map((name) => ({ digest: digestFor(name), codec: Names }))
})

describe("a list stored as lines", () => {
  it("comes back as it went in, whatever the text", () => {
    const names = fc.array(fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !text.includes("\n")))
    fc.assert(
      fc.property(names, (all) => {
        expect(Names.decode(Names.encode(all))).toEqual(all)
      })
    )
  })

  it("has a line feed behind every row, so that two lists are one behind the other", () => {
    expect(Buffer.from(Names.encode(["a", "b"])).toString()).toBe("a\nb\n")
    expect(Names.encode([])).toHaveLength(0)
  })

  it("is refused where it ends within a line, or where a line is no row", () => {
    expect(() => Names.decode(Buffer.from("a\nb"))).toThrow("a list (names) ends within a line")
    expect(() => Names.decode(Buffer.from("a\n\n"))).toThrow("a name is not empty")
  })

  it("is decoded from bytes in the middle of others", () => {
    const around = Buffer.from("x\na\nb\ny\n")
    expect(Names.decode(around.subarray(2, 6))).toEqual(["a", "b"])
  })

  it("stands on what its rows name", () => {
    expect(Names.referencesIn(Buffer.from("a\n"))).toEqual([{ digest: digestFor("a"), codec: Names }])
  })
})
