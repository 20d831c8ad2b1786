import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { compareEvr, rpmvercmp } from "../../src/rpm/evr.ts"

/** Verified with librpm 4.18, both directions. */
const PAIRS: ReadonlyArray<readonly [string, string, number]> = [
  ["1.0", "1.0", 0],
  ["1.0", "2.0", -1],
  ["2.0.1a", "2.0.1", 1],
  ["5.5p10", "5.5p1", 1],
  ["10xyz", "10.1xyz", -1],
  ["xyz.4", "8", -1],
  ["5.6p1", "6.5p1", -1],
  ["6.0.rc1", "6.0", 1],
  ["10b2", "10a1", 1],
  ["1.0a", "1.0aa", -1],
  ["10.0001", "10.1", 0],
  ["10.0001", "10.0039", -1],
  ["4.999.9", "5.0", -1],
  ["2.0", "2_0", 0],
  ["a+", "a_", 0],
  ["+", "_", 0],
  ["1.0~rc1", "1.0", -1],
  ["1.0~rc1", "1.0~rc2", -1],
  ["1.0~rc1~git123", "1.0~rc1", -1],
  ["1.0~", "1.0", -1],
  ["1.0~~", "1.0~", -1],
  ["~", "~~", 1],
  ["1~^", "1~", 1],
  ["1.0^", "1.0~", 1],
  ["Z", "a", -1],
  ["1.é", "1.e", -1],
  ["1.2é3", "1.2.3", 0],
  ["18446744073709551616", "18446744073709551615", 1],
  ["405", "404a", 1],
  ["1.0", "1.fc4", 1],
  ["1.0^", "1.0", 1],
  ["1.0^git1", "1.0", 1],
  ["1.0^git1", "1.0^git2", -1],
  ["1.0^git1", "1.01", -1],
  ["1.0^20160101", "1.0.1", -1],
  ["1.0^20160101^git1", "1.0^20160102", -1],
  ["1.0~rc1^git1", "1.0~rc1", 1],
  ["1.0^git1~pre", "1.0^git1", -1],
  ["1.0^git1", "1.0~git1", 1],
  ["1.0^a", "1.0a", -1],
  ["1.0^1", "1.0-1", -1],
  ["1^", "1^^", -1],
  ["^", "~", 1],
  ["", "~", 1],
  ["", "^", -1],
  ["", "1", -1],
  ["1.0", "1.0.0", -1],
  ["1.0.", "1.0", 0],
  ["001", "1", 0],
  ["1.05", "1.5", 0],
  ["1.a", "1.1", -1],
  ["1a", "1.a", 0],
  ["1.0a1", "1.0.1", -1],
  ["A", "a", -1],
  ["9", "a", 1],
  ["é", "è", 0],
  ["fc4", "fc.4", 0],
  ["FC5", "fc4", -1],
  ["2a", "2.0", -1],
  ["g.fe991", "g.fe99", 1]
]

const versions = fc.string({ unit: fc.constantFrom(..."019aZz.-_~^+"), maxLength: 12 })

describe("rpmvercmp", () => {
  it.each(PAIRS)("orders %j and %j as %d, and the other way round", (a, b, order) => {
    expect(rpmvercmp(a, b)).toBe(order)
    expect(rpmvercmp(b, a)).toBe(order === 0 ? 0 : -order)
  })

  it("is antisymmetric", () => {
    fc.assert(fc.property(versions, versions, (a, b) => rpmvercmp(a, b) + rpmvercmp(b, a) === 0))
  })

  it("is transitive", () => {
    fc.assert(
      fc.property(versions, versions, versions, (...abc) => {
        const [a, b, c] = abc.toSorted(rpmvercmp)
        return rpmvercmp(a ?? "", b ?? "") <= 0 && rpmvercmp(b ?? "", c ?? "") <= 0 && rpmvercmp(a ?? "", c ?? "") <= 0
      }),
      { numRuns: 1000 }
    )
  })
})

describe("compareEvr", () => {
  const evr = (text: string) => {
    const [, epoch = null, version = "", release] = /^(?:(\d+):)?([^-]*)(?:-(.*))?$/.exec(text) ?? []
    return { epoch, version, release }
  }

  it.each([
    ["1:1.0-1", "2.0-1", 1],
    ["0:1.0-1", "1.0-1", 0],
    ["00:1-1", "0:1-1", 0],
    ["10:1-1", "9:2-1", 1],
    ["1.0-1", "1.0", 1],
    ["1.0-1", "1.0-1.fc40", -1],
    ["1.0-2", "1.0-10", -1],
    ["1.0~rc1-5", "1.0-1", -1],
    ["1.0^git1-1", "1.0-9", 1],
    ["1.0-1.el9_2", "1.0-1.el9", 1],
    ["5.4.0-1", "5.4.0-1~bootstrap", 1],
    ["1.0-0.1.rc1", "1.0-1", -1]
  ] as const)("orders %s and %s as %d", (a, b, order) => {
    expect(compareEvr(evr(a), evr(b))).toBe(order)
    expect(compareEvr(evr(b), evr(a))).toBe(order === 0 ? 0 : -order)
  })

  it("takes the epoch of a header, where none is 0", () => {
    expect(compareEvr({ epoch: null, version: "1", release: "1" }, { epoch: 0, version: "1", release: "1" })).toBe(0)
    expect(compareEvr({ epoch: 4294967295, version: "1" }, { epoch: 2, version: "9" })).toBe(1)
  })
})
