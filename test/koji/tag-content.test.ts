import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { type Listing, mergePackageLists, type PackageListEntry, taggedBuilds } from "../../src/koji/tag-content.ts"

const any = () => true
const entry = (tagId: number, packageId: number, blocked = false): PackageListEntry => ({
  tagId,
  packageId,
  packageName: `p${packageId}`,
  blocked
})
const listing = (tagId: number, packageId: number, buildId: number, createEvent: number): Listing => ({
  tagId,
  packageId,
  buildId,
  createEvent
})
const of =
  <A extends { readonly tagId: number }>(rows: ReadonlyArray<A>) =>
  (tag: number) =>
    rows.filter(({ tagId }) => tagId === tag)

describe("the package list of a tag", () => {
  it("has for each package the entry of the nearest tag, blocked or not", () => {
    const chain = [1, 2, 3].map((tagId) => ({ tagId, accepts: any }))
    const merged = mergePackageLists(chain, of([entry(3, 7), entry(2, 7, true), entry(2, 8, true), entry(1, 8)]))
    expect([...merged.values()].map(({ tagId, packageId, blocked }) => [tagId, packageId, blocked])).toEqual([
      [1, 8, false],
      [2, 7, true]
    ])
  })

  it("passes over an entry that a filter keeps out, which may come on another way", () => {
    const chain = [
      { tagId: 1, accepts: any },
      { tagId: 2, accepts: (name: string) => name !== "p7" },
      { tagId: 2, accepts: any }
    ]
    expect(mergePackageLists(chain, of([entry(2, 7), entry(2, 8)])).size).toBe(2)
    expect(mergePackageLists(chain.slice(0, 2), of([entry(2, 7), entry(2, 8)])).size).toBe(1)
  })
})

describe("the builds of a tag", () => {
  const packages = new Map([entry(1, 7), entry(1, 8), entry(1, 9, true)].map((row) => [row.packageId, row]))

  it("come tag by tag, newest tagging first, of one event the newer build first", () => {
    const rows = [listing(1, 7, 10, 100), listing(1, 7, 11, 102), listing(1, 8, 12, 102), listing(2, 8, 13, 200)]
    expect(taggedBuilds([1, 2], of(rows), packages, false).map(({ buildId }) => buildId)).toEqual([12, 11, 10, 13])
  })

  it("are with latest the last tagged of the nearest tag, never the newest of all", () => {
    const rows = [listing(1, 7, 10, 100), listing(1, 7, 9, 101), listing(2, 7, 11, 200)]
    expect(taggedBuilds([1, 2], of(rows), packages, true).map(({ buildId }) => buildId)).toEqual([9])
  })

  it("are not those of blocked packages nor of packages that are not in the list", () => {
    const rows = [listing(1, 9, 10, 100), listing(1, 5, 11, 100), listing(1, 7, 12, 100)]
    expect(taggedBuilds([1], of(rows), packages, false).map(({ buildId }) => buildId)).toEqual([12])
  })

  it("come twice where their tag is twice in the chain, but once with latest", () => {
    const rows = [listing(2, 7, 10, 100)]
    expect(taggedBuilds([1, 2, 2], of(rows), packages, false).length).toBe(2)
    expect(taggedBuilds([1, 2, 2], of(rows), packages, true).length).toBe(1)
  })

  it("are with latest one of each package of all the builds", () => {
    const row = fc
      .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 7, max: 9 }), fc.nat(20), fc.nat(50))
      .map(([tag, package_, build, event]) => listing(tag, package_, build, event))
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const all = taggedBuilds([1, 2, 3], of(rows), packages, false)
        const latest = taggedBuilds([1, 2, 3], of(rows), packages, true)
        expect(latest).toEqual(
          all.filter((build, at) => all.findIndex(({ packageId }) => packageId === build.packageId) === at)
        )
      })
    )
  })
})
