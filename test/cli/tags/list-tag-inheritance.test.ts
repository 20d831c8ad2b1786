import { describe, expect, it } from "vitest"
import { treeLines } from "../../../src/cli/tags/list-tag-inheritance.ts"

const link = (
  name: string,
  currdepth: number,
  flags: { readonly maxdepth?: number; readonly pkgFilter?: string } = {}
) => ({
  name,
  currdepth,
  parentId: name.charCodeAt(0) - 96,
  childId: 0,
  priority: 0,
  maxdepth: flags.maxdepth ?? null,
  pkgFilter: flags.pkgFilter ?? "",
  intransitive: false,
  noconfig: false,
  nextdepth: null,
  filter: []
})

describe("the tree of a tag's parents", () => {
  it("draws the last of several parents with a corner and its own parents below it", () => {
    expect(treeLines([link("b", 1), link("c", 1, { pkgFilter: "x" }), link("a", 2)])).toEqual([
      "....  ├─b (2)",
      ".F..  └─c (3)",
      "....     └─a (1)"
    ])
  })

  it("leads a line down past the parents of a parent to the next one", () => {
    expect(treeLines([link("b", 1), link("c", 2), link("d", 3), link("e", 2), link("f", 1, { maxdepth: 0 })])).toEqual([
      "....  ├─b (2)",
      "....  │  ├─c (3)",
      "....  │  │  └─d (4)",
      "....  │  └─e (5)",
      "M...  └─f (6)"
    ])
  })
})
