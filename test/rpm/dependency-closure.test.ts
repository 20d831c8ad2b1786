import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import type { Dependency } from "../../src/rpm/dependency.ts"
import { dependencyClosure, type PackageFacts } from "../../src/rpm/dependency-closure.ts"

const any = (name: string): Dependency => ({ name, range: null })

const pkg = (
  name: string,
  over: Partial<Omit<PackageFacts, "provides" | "requires" | "recommends">> & {
    readonly provides?: ReadonlyArray<string>
    readonly requires?: ReadonlyArray<string>
    readonly recommends?: ReadonlyArray<string>
  } = {}
): PackageFacts => ({
  epoch: "0",
  version: "1",
  release: "1",
  arch: "i686",
  files: [],
  ...over,
  name,
  provides: [name, ...(over.provides ?? [])].map(any),
  requires: (over.requires ?? []).map(any),
  recommends: (over.recommends ?? []).map(any)
})

const closureOf = (packages: ReadonlyArray<PackageFacts>, ...roots: ReadonlyArray<string>) => {
  const wanted = packages.filter(({ name }) => roots.includes(name)).map((root) => ({ package: root, reason: "asked" }))
  const { needed, unresolved } = dependencyClosure(packages, wanted)
  return { names: needed.map(({ package: { name } }) => name), reasons: needed.map(({ reason }) => reason), unresolved }
}

describe("what some packages need", () => {
  it("is all that they require, directly or not, once, and why", () => {
    const packages = [
      pkg("a-devel", { requires: ["a", "b"] }),
      pkg("a", { requires: ["libc.so.6", "/sbin/ldconfig"] }),
      pkg("b", { requires: ["a"] }),
      pkg("glibc", { provides: ["libc.so.6"], files: ["/sbin/ldconfig"] }),
      pkg("other")
    ]
    const { names, reasons, unresolved } = closureOf(packages, "a-devel")
    expect(names).toEqual(["a-devel", "a", "b", "glibc"])
    expect(reasons).toEqual([
      "asked",
      "a-devel-1-1.i686 requires a",
      "a-devel-1-1.i686 requires b",
      "a-1-1.i686 requires libc.so.6"
    ])
    expect(unresolved).toEqual([])
  })

  it("names all that nobody provides; what is only recommended may be missing", () => {
    const packages = [pkg("a", { requires: ["x", "y"], recommends: ["z", "weak"] }), pkg("weak", { requires: ["x"] })]
    const { names, unresolved } = closureOf(packages, "a")
    expect(names).toEqual(["a", "weak"])
    expect(unresolved).toEqual([
      "a-1-1.i686 requires x, which nothing provides",
      "a-1-1.i686 requires y, which nothing provides",
      "weak-1-1.i686 requires x, which nothing provides"
    ])
  })

  it("takes whom it needs anyway, else the bearer of the name, else the newest", () => {
    const packages = [
      pkg("a", { requires: ["mta", "sh"] }),
      pkg("exim", { provides: ["mta"] }),
      pkg("postfix", { provides: ["mta"] }),
      pkg("sh", { version: "1" }),
      pkg("sh", { version: "2" }),
      pkg("busybox", { provides: ["sh"] })
    ]
    expect(closureOf(packages, "a").names).toEqual(["a", "exim", "sh"])
    expect(closureOf(packages, "a", "postfix").names).toEqual(["a", "postfix", "sh"])
    const [, , newest] = dependencyClosure(packages, [{ package: packages[0] ?? pkg("a"), reason: "" }]).needed
    expect(newest?.package.version).toBe("2")
  })

  it("follows boolean dependencies, also where a condition comes true later", () => {
    const packages = [
      pkg("a", { requires: ["(lang-de if base)", "(x or y)", "(p with q)", "later"] }),
      pkg("later", { requires: ["base"] }),
      pkg("base"),
      pkg("lang-de"),
      pkg("y"),
      pkg("p1", { provides: ["p"] }),
      pkg("p2", { provides: ["p", "q"] })
    ]
    expect(closureOf(packages, "a").names.toSorted()).toEqual(["a", "base", "lang-de", "later", "p2", "y"])
    expect(closureOf([pkg("a", { requires: ["(x if base)"] })], "a").unresolved).toEqual([])
    expect(closureOf([pkg("a", { requires: ["(x or"] })], "a").unresolved).toHaveLength(1)
  })

  it("is closed: whatever is in it finds what it requires in it", () => {
    const names = ["a", "b", "c", "d", "e"]
    const graph = fc.array(fc.tuple(fc.constantFrom(...names), fc.subarray(names)), { maxLength: 5 })
    fc.assert(
      fc.property(graph, fc.subarray(names), (edges, roots) => {
        const requires = new Map(edges)
        const packages = names.map((name) => pkg(name, { requires: requires.get(name) ?? [] }))
        const { names: found, unresolved } = closureOf(packages, ...roots)
        expect(unresolved).toEqual([])
        expect(roots.every((root) => found.includes(root))).toBe(true)
        for (const name of found) expect((requires.get(name) ?? []).every((other) => found.includes(other))).toBe(true)
      })
    )
  })
})
