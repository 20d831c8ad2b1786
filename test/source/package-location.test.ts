import { describe, expect, it } from "vitest"
import { packageLocation } from "../../src/source/package-location.ts"

describe("a package's location", () => {
  it.each([
    ["a/b/c.rpm", 0, "", "a/b/c.rpm"],
    ["a/b/c.rpm", 1, "", "b/c.rpm"],
    ["a/b/c.rpm", 2, "", "c.rpm"],
    ["a/b/c.rpm", 9, "", "c.rpm"],
    ["./b/c.rpm", 1, "", "b/c.rpm"],
    ["c.rpm", 0, "pool", "pool/c.rpm"],
    ["c.rpm", 0, "pool/", "pool/c.rpm"],
    ["a/c.rpm", 1, "../up/", "../up/c.rpm"],
    ["a/c.rpm", 0, "/abs", "/abs/a/c.rpm"]
  ])("of %s without %i folders behind %j is %s", (path, cutDirs, prefix, href) => {
    expect(packageLocation(path, { cutDirs, prefix })).toBe(href)
  })
})
