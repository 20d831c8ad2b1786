import { describe, expect, it } from "vitest"
import { rehearsalText } from "../../src/cli/rehearsal-text.ts"

const about = { tag: "f42", unchanged: null, everything: false }
const package_ = (label: string) => ({ status: "would-run", rule: "package-metadata", label }) as const

describe("a dry run", () => {
  it("says that nothing would run where the newest repo stands", () => {
    const lines = rehearsalText({ nodes: [], hits: new Map([["dist-repo", 1]]) }, { ...about, unchanged: 7 })
    expect(lines).toEqual([
      "f42 is unchanged since repo 7: nothing would run",
      "  dist-repo ×1                         hit"
    ])
  })

  it("says that only publishing is left where every step is known", () => {
    expect(rehearsalText({ nodes: [], hits: new Map() }, about)).toEqual([
      "f42: every step is in the store already; a new repo would be published from it"
    ])
  })

  it("lists what would run and what waits for it, and folds what is alike", () => {
    const repomd = { status: "would-run", rule: "repomd", label: "" } as const
    const nodes = [
      ...["a", "b", "c", "d", "e"].map(package_),
      repomd,
      repomd,
      { status: "waits", rule: "dist-repo", label: "", for: "package-metadata a" } as const
    ]
    expect(rehearsalText({ nodes, hits: new Map([["arch-set", 2]]) }, about).slice(1)).toEqual([
      "  package-metadata a                   would run",
      "  package-metadata b                   would run",
      "  … and 3 more package-metadata (--explain-all lists them)",
      "  repomd                               would run (×2)",
      "  dist-repo                            waits for package-metadata a",
      "  arch-set ×2                          hit"
    ])
    expect(rehearsalText({ nodes, hits: new Map() }, { ...about, everything: true })).toContain(
      "  package-metadata e                   would run"
    )
  })
})
