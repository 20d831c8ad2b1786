import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { checkout, entries, entryUrl } from "../../src/bundle/entries.ts"

describe("an entry", () => {
  it.each(Object.keys(entries))("%s is its source file in a checkout", (name) => {
    // Object.keys forgets the names' type
    const path = fileURLToPath(entryUrl(name as keyof typeof entries))
    expect(path).toMatch(/\/src\/|\/rules\/|\/graph\//)
    expect(existsSync(path)).toBe(true)
  })

  it("is the file beside the code in a bundle, whichever of its files the code is in", () => {
    expect(entryUrl("distgraph", "file:///opt/a%20b/chunk-XYZ.mjs").href).toBe("file:///opt/a%20b/distgraph.mjs")
  })
})

it("a checkout is the directory with package.json", () => {
  expect(existsSync(`${checkout()}/package.json`)).toBe(true)
})
