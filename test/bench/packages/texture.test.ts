import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { withOtherWords } from "./texture.ts"

const other = (text: string, key: string, share: number): string =>
  withOtherWords(Buffer.from(text), key, share).toString()

const manyWords = Array.from(
  { length: 2000 },
  (_, index) => `word${String.fromCharCode(97 + (index % 26))}${"x".repeat(index % 40)}`
)
const distinct = [...new Set(manyWords)]

describe("a text with other words", () => {
  it("is the same for the same key, and another for another", () => {
    const text = "Summary of the documentation"
    expect(other(text, "a-c00001", 1)).toBe(other(text, "a-c00001", 1))
    expect(other(text, "a-c00001", 1)).not.toBe(other(text, "a-c00002", 1))
    expect(other(text, "a-c00001", 1)).not.toBe(text)
  })

  it("gives a word the same letters wherever it stands", () => {
    const [first, second] = other("configure, configure", "k", 1).split(", ")
    expect(first).toBe(second)
  })

  it("keeps short words, numbers and everything that is not ASCII", () => {
    expect(other("a to the 12345 äöü – ÄÖÜÄÖÜ", "k", 1)).toBe("a to the 12345 äöü – ÄÖÜÄÖÜ")
  })

  it("keeps about as many words as the share says", () => {
    const changed = distinct.filter((word) => other(word, "k", 0.3) !== word).length
    expect(changed / distinct.length).toBeGreaterThan(0.25)
    expect(changed / distinct.length).toBeLessThan(0.35)
    expect(other(distinct.join(" "), "k", 0)).toBe(distinct.join(" "))
  })

  it("has the length it had, in bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string(), (text, key) => {
        const bytes = Buffer.from(text)
        expect(withOtherWords(bytes, key, 1).length).toBe(bytes.length)
      })
    )
  })
})
