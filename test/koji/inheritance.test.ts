import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { fullInheritance, type InheritanceLink } from "../../src/koji/inheritance.ts"

type Options = Partial<Pick<InheritanceLink, "maxdepth" | "intransitive" | "noconfig" | "pkgFilter">>

/** Links written as "A>B", in the order of their priority. */
const links = (...written: ReadonlyArray<readonly [string, Options?]>): ReadonlyArray<InheritanceLink> =>
  written.map(([text, options], priority) => {
    const [child = "", name = ""] = text.split(">")
    const id = (tag: string) => tag.charCodeAt(0)
    return {
      childId: id(child),
      parentId: id(name),
      name,
      priority,
      maxdepth: null,
      intransitive: false,
      noconfig: false,
      pkgFilter: "",
      ...options
    }
  })

const walk = (all: ReadonlyArray<InheritanceLink>, root = "A") =>
  fullInheritance(root.charCodeAt(0), (tag) => all.filter(({ childId }) => childId === tag))

/** As "parent/depth/depth below". */
const order = (all: ReadonlyArray<InheritanceLink>) =>
  walk(all).map(({ name, currdepth, nextdepth }) => `${name}/${currdepth}/${nextdepth ?? "nil"}`)

describe("the order of inheritance", () => {
  it("is depth first", () => {
    expect(order(links(["A>B"], ["B>C"], ["C>D"]))).toEqual(["B/1/nil", "C/2/nil", "D/3/nil"])
  })

  it("goes by priority, whatever the order of the rows", () => {
    const [first, second] = links(["A>B"], ["A>C"])
    expect(order([second, first].filter((link) => link !== undefined))).toEqual(["B/1/nil", "C/1/nil"])
  })

  it("stops below a link of depth 0, and one generation later at depth 1", () => {
    expect(order(links(["A>B", { maxdepth: 0 }], ["B>C"]))).toEqual(["B/1/0"])
    expect(order(links(["A>B", { maxdepth: 1 }], ["B>C"], ["C>D"]))).toEqual(["B/1/1", "C/2/0"])
    expect(order(links(["A>B"], ["B>C", { maxdepth: 0 }], ["C>D"]))).toEqual(["B/1/nil", "C/2/0"])
  })

  it("takes a link's depth as it is where nothing limits it, and one less where something does", () => {
    expect(order(links(["A>B", { maxdepth: 3 }], ["B>C", { maxdepth: 1 }], ["C>D"], ["D>E"]))).toEqual([
      "B/1/3",
      "C/2/0"
    ])
    expect(order(links(["A>B"], ["B>C", { maxdepth: 1 }], ["C>D"], ["D>E"]))).toEqual(["B/1/nil", "C/2/1", "D/3/0"])
  })

  it("follows an intransitive link only from the root", () => {
    expect(order(links(["A>B", { intransitive: true }], ["B>C"]))).toEqual(["B/1/nil", "C/2/nil"])
    expect(order(links(["A>B"], ["B>C", { intransitive: true }]))).toEqual(["B/1/nil"])
  })

  it("names a parent reached twice once, where it was met first", () => {
    expect(order(links(["A>B"], ["A>C"], ["B>D"], ["C>D"]))).toEqual(["B/1/nil", "D/2/nil", "C/1/nil"])
  })

  it("names a parent again that was reached through a filter before", () => {
    const filtered = walk(links(["A>B", { pkgFilter: "x.*" }], ["A>C"], ["B>D"], ["C>D"]))
    expect(filtered.map(({ name, filter }) => `${name}[${filter}]`)).toEqual(["B[x.*]", "D[x.*]", "C[]", "D[]"])
  })

  it("names a parent again that can be followed further than before", () => {
    expect(order(links(["A>B", { maxdepth: 1 }], ["A>C"], ["B>D"], ["C>D"], ["D>E"]))).toEqual([
      "B/1/1",
      "D/2/0",
      "C/1/nil",
      "D/2/nil",
      "E/3/nil"
    ])
  })

  it("names a parent again that came without its configuration before", () => {
    expect(order(links(["A>B"], ["A>C"], ["B>D", { noconfig: true }], ["C>D"]))).toEqual([
      "B/1/nil",
      "D/2/nil",
      "C/1/nil",
      "D/2/nil"
    ])
  })

  it("cuts loops", () => {
    expect(order(links(["A>B"], ["B>A"], ["B>C"]))).toEqual(["B/1/nil", "C/2/nil"])
  })

  it("gathers the filters of the path", () => {
    const [, last] = walk(links(["A>B", { pkgFilter: "a" }], ["B>C", { pkgFilter: "b" }]))
    expect(last?.filter).toEqual(["a", "b"])
  })

  it("ends for every graph, never names the root, and goes no deeper than there are tags", () => {
    const tag = fc.integer({ min: 65, max: 71 }).map((code) => String.fromCharCode(code))
    const link = fc.tuple(
      fc.tuple(tag, tag).map(([child, parent]) => `${child}>${parent}`),
      fc.record({
        maxdepth: fc.option(fc.nat(3)),
        intransitive: fc.boolean(),
        noconfig: fc.boolean(),
        pkgFilter: fc.constantFrom("", "a")
      })
    )
    fc.assert(
      fc.property(fc.array(link, { maxLength: 12 }), (written) => {
        for (const { name, currdepth, nextdepth } of walk(links(...written))) {
          expect(name).not.toBe("A")
          expect(currdepth).toBeLessThanOrEqual(7)
          // a link of depth 0 below a limit gives -1, in Koji too: nothing follows
          expect(nextdepth ?? 0).toBeGreaterThanOrEqual(-1)
        }
      })
    )
  })
})
