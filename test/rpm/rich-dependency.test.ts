import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { isRich, parseRich, type RichDependency } from "../../src/rpm/rich-dependency.ts"

const words = (rich: RichDependency): string => {
  switch (rich._tag) {
    case "Plain": {
      const { name, range } = rich.dependency
      return range === null ? name : `${name} ${range.relation} ${range.epoch}:${range.version}-${range.release}`
    }
    case "If":
    case "Unless":
      return `${rich._tag}(${[rich.then, rich.condition, ...(rich.otherwise === null ? [] : [rich.otherwise])].map(words).join(", ")})`
    default:
      return `${rich._tag}(${rich.parts.map(words).join(", ")})`
  }
}

describe("a boolean dependency", () => {
  it.each([
    ["(a and b and c)", "All(a, b, c)"],
    ["(a or b >= 1:2.0-3)", "Any(a, b GE 1:2.0-3)"],
    ["(a if b else c)", "If(a, b, c)"],
    ["(a unless b)", "Unless(a, b)"],
    ["((a and b = 1) if (c or d))", "If(All(a, b EQ null:1-null), Any(c, d))"],
    ["(pkgconfig(x) with pkgconfig(x) < 2)", "With(pkgconfig(x), pkgconfig(x) LT null:2-null)"],
    ["(a without b)", "Without(a, b)"],
    ["(libc.so.6()(64bit) and x)", "All(libc.so.6()(64bit), x)"],
    ["(a)", "a"]
  ])("%s is read", (text, expected) => {
    expect(isRich(text)).toBe(true)
    expect(words(Either.getOrThrow(parseRich(text)))).toBe(expected)
  })

  it.each([
    "(a and b or c)",
    "(a and)",
    "(a",
    "(a if)",
    "(a >= )",
    "()",
    "(a) b",
    "(and b)",
    `${"(".repeat(40)}a${")".repeat(40)}`
  ])("%s is refused", (text) => expect(Either.isLeft(parseRich(text))).toBe(true))
})
