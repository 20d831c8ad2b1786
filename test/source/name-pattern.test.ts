import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { namePattern } from "../../src/source/name-pattern.ts"

describe("a glob", () => {
  it.each([
    ["*.rpm", "a.rpm", true],
    ["*.rpm", "a/b.rpm", true],
    ["*.rpm", "a.rpm.txt", false],
    ["a?c", "abc", true],
    ["a?c", "a/c", true],
    ["a?c", "ac", false],
    ["a?c", "a😀c", true],
    ["[ab]", "a", false],
    ["[ab]", "[ab]", true],
    ["a.c", "abc", false],
    ["a\\*", "a\\b", true],
    ["", "", true],
    ["*", "line\nfeed", true],
    ["***a***", "bab", true]
  ])("%j matches %j: %s", (glob, text, matches) => {
    expect(namePattern(glob)(text)).toBe(matches)
  })

  it("without wildcards matches itself and nothing else", () => {
    const plain = fc.string({ unit: "grapheme" }).filter((text) => !/[*?]/.test(text))
    fc.assert(
      fc.property(plain, plain, (glob, text) => {
        expect([namePattern(glob)(glob), namePattern(glob)(text)]).toEqual([true, glob === text])
      })
    )
  })
})
