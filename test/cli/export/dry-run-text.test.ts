import { describe, expect, it } from "vitest"
import { dryRunText } from "../../../src/cli/export/dry-run-text.ts"

const about = { tag: "f42", unchanged: null, everything: false }
const package_ = (label: string) => ({ status: "would-run", rule: "package-metadata", label }) as const

describe("a dry run", () => {
  it("says that nothing would run where the newest repo stands", () => {
    const lines = dryRunText({ nodes: [], hits: new Map([["dist-repo", [""]]]) }, { ...about, unchanged: 7 })
    expect(lines).toEqual([
      "f42 is unchanged since repo 7: nothing would run",
      "  dist-repo ×1                         hit"
    ])
  })

  it("says that only publishing is left where every step is known", () => {
    const nodes = [{ status: "planned", rule: "dist-repo", label: "" } as const]
    expect(dryRunText({ nodes, hits: new Map() }, about)).toEqual([
      "f42: every step is in the store already; a new repo would be published from it",
      "  dist-repo                            planned"
    ])
  })

  it("lists what would run and what waits for it, and folds what is alike", () => {
    const repomd = { status: "would-run", rule: "repomd", label: "" } as const
    const nodes = [
      ...["a", "b", "c", "d", "e"].map(package_),
      repomd,
      repomd,
      { status: "planned", rule: "arch-metadata", label: "x86_64" } as const,
      { status: "waits", rule: "dist-repo", label: "", for: "package-metadata a" } as const
    ]
    expect(dryRunText({ nodes, hits: new Map([["arch-set", ["x86_64", "aarch64"]]]) }, about).slice(1)).toEqual([
      "  package-metadata a                   would run",
      "  package-metadata b                   would run",
      "  … and 3 more package-metadata (--explain-all lists them)",
      "  repomd                               would run (×2)",
      "  arch-metadata x86_64                 planned",
      "  dist-repo                            waits for package-metadata a",
      "  arch-set ×2                          hit"
    ])
    const all = dryRunText({ nodes, hits: new Map([["arch-set", ["x86_64"]]]) }, { ...about, everything: true })
    expect(all).toContain("  package-metadata e                   would run")
    expect(all).toContain("  arch-set x86_64                      hit")
  })
})
