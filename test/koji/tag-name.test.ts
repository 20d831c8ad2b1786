import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { tagName } from "../../src/koji/tag-name.ts"
import { distRepoTagDir } from "../../src/koji/topdir.ts"

describe("the name of a tag", () => {
  it("has letters, digits and / _ . + -", () => {
    for (const name of ["f42", "dist-1/updates", "A_b.c+d", "latest", "7"])
      expect(tagName(name)).toEqual(Either.right(name))
    for (const name of ["", "a b", "ä", "a\n", "a:b", "a".repeat(257)]) expect(Either.isLeft(tagName(name))).toBe(true)
  })

  it("has no hidden or empty part", () => {
    for (const name of [".a", "a/.b", "/a", "a/", "a//b", "..", "a/.."]) expect(Either.isLeft(tagName(name))).toBe(true)
  })

  it("has no part that is too long for a folder, though a tag may have 256 characters", () => {
    const problem = (name: string) => Either.match(tagName(name), { onLeft: ({ reason }) => reason, onRight: () => "" })
    expect(problem("a".repeat(256))).toBe("has a part that is longer than 255 bytes")
    for (const name of ["a".repeat(255), `${"a".repeat(254)}/b`]) {
      expect(problem(name)).toBe("")
      expect(Either.isRight(distRepoTagDir(name))).toBe(true)
    }
  })

  it("has no part where another tag's repos or its latest link would be", () => {
    for (const name of ["a/7", "a/latest", "a/7/b", "a/latest/b"]) expect(Either.isLeft(tagName(name))).toBe(true)
    for (const name of ["a/7a", "a/latest-1"]) expect(Either.isRight(tagName(name))).toBe(true)
  })
})
