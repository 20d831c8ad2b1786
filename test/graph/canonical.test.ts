import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { canonicalJson } from "../../graph/index.ts"

describe("canonical JSON", () => {
  it.each([
    [{ b: 1, a: [true, null, "x"] }, '{"a":[true,null,"x"],"b":1}'],
    [{ a: undefined, b: null }, '{"b":null}'],
    ['é\n"', '"é\\n\\""'],
    [{ B: 1, a: 2, _: 3, "1": 4 }, '{"1":4,"B":1,"_":3,"a":2}'],
    [[], "[]"],
    [{}, "{}"]
  ])("of %j is %s", (value, text) => {
    expect(canonicalJson(value)).toBe(text)
  })

  it.each([
    ["a fraction", 0.5],
    ["minus zero", -0],
    ["not a number", Number.NaN],
    ["an integer that is not exact", 2 ** 53],
    ["undefined in a list", [undefined]],
    ["a function", () => 1],
    ["a bigint", 1n],
    ["a field name outside ASCII", { é: 1 }]
  ])("has none of %s", (_, value) => {
    expect(() => canonicalJson(value)).toThrow("no canonical form")
  })

  it("is JSON, and does not depend on the order of fields", () => {
    const values = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.string(),
        fc.maxSafeInteger().map((n) => n + 0),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(fc.string({ unit: "grapheme-ascii" }), tie("value"), { maxKeys: 4, noNullPrototype: true })
      )
    })).value
    const reversed = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(reversed)
        : typeof value === "object" && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([name, field]) => [name, reversed(field)])
            )
          : value
    fc.assert(
      fc.property(values, (value) => {
        const text = canonicalJson(value)
        expect(JSON.parse(text)).toEqual(value)
        expect(canonicalJson(reversed(value))).toBe(text)
      })
    )
  })
})
