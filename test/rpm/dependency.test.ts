import { describe, expect, it } from "vitest"
import { type Dependency, overlaps, type Relation } from "../../src/rpm/dependency.ts"

const dependency = (text: string): Dependency => {
  const [name = "", sign, evr] = text.split(" ")
  if (sign === undefined || evr === undefined) return { name, range: null }
  const [, epoch = null, version = "", release = null] = /^(?:(\d+):)?([^-]*)(?:-(.*))?$/.exec(evr) ?? []
  return { name, range: { relation: relations[sign] ?? "EQ", epoch, version, release } }
}

const relations: Readonly<Record<string, Relation>> = { "=": "EQ", "<": "LT", "<=": "LE", ">": "GT", ">=": "GE" }

describe("what is provided and what is required", () => {
  // as rpm's own tests of rpmdsCompare
  it.each([
    ["a = 1-1", "a", true],
    ["a", "a >= 2", true],
    ["a = 1-1", "b", false],
    ["a = 1.0-1", "a = 1.0", true],
    ["a = 1.0-1", "a = 1.0-2", false],
    ["a = 1.0-1", "a >= 1.0-1", true],
    ["a = 1.0-1", "a > 1.0-1", false],
    ["a = 1.0-1", "a > 1.0", false],
    ["a = 1.0-1", "a < 1.1", true],
    ["a = 1:1.0-1", "a >= 2", true],
    ["a = 1:1.0-1", "a < 2", false],
    ["a = 0:1.0-1", "a = 1.0-1", true],
    ["a < 2", "a > 1", true],
    ["a <= 1", "a >= 1", true],
    ["a < 1", "a > 1", false],
    ["a < 1", "a >= 1", false]
  ])("%s and %s", (provided, required, expected) => {
    expect(overlaps(dependency(provided), dependency(required))).toBe(expected)
    expect(overlaps(dependency(required), dependency(provided))).toBe(expected)
  })
})
