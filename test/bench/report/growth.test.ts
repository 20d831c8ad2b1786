import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { costsOf } from "./costs.ts"
import { growthOf, slopeOf } from "./growth.ts"
import type { CaseResult } from "./report.ts"

const seconds = (wallSeconds: number) => ({ wallSeconds, cpuSeconds: wallSeconds * 2, peakRssMiB: 1, stdout: "" })

const row = (packages: number, distgraph: number | null, createrepo: number | null): CaseResult => ({
  case: "cold",
  variant: "",
  packages,
  arches: 4,
  payloadBytes: 1,
  rounds: 1,
  distgraph: distgraph === null ? null : costsOf([seconds(distgraph)]),
  createrepo: createrepo === null ? null : costsOf([seconds(createrepo)]),
  goal: null,
  counts: null,
  byRule: null,
  figures: [],
  skipped: null
})

describe("the slope", () => {
  it("is the exponent, whatever the factor", () => {
    const exponents = fc.double({ min: -1, max: 3, noNaN: true })
    const factors = fc.double({ min: 1e-3, max: 1e3, noNaN: true })
    fc.assert(
      fc.property(exponents, factors, (exponent, factor) => {
        const points = [2000, 7000, 20_000, 70_000].map((n) => [n, factor * n ** exponent] as const)
        expect(slopeOf(points)).toBeCloseTo(exponent, 6)
      })
    )
  })

  it("is that of the best line where the points are on none", () => {
    // logarithms 0, 1, 2 and 0, 1, 1: least squares gives 0.5
    expect(
      slopeOf([
        [1, 1],
        [Math.E, Math.E],
        [Math.E ** 2, Math.E]
      ])
    ).toBeCloseTo(0.5)
  })

  it("is none for one size", () => {
    expect(slopeOf([[2000, 1]])).toBeNull()
    expect(
      slopeOf([
        [2000, 1],
        [2000, 2]
      ])
    ).toBeNull()
  })
})

describe("growth", () => {
  it("is told of each case for both tools", () => {
    expect(growthOf([row(1000, 1, 2), row(10_000, 10, 2)])).toEqual([
      {
        case: "cold",
        variant: "",
        sizes: [1000, 10_000],
        distgraphWall: expect.closeTo(1),
        distgraphCpu: expect.closeTo(1),
        createrepoWall: expect.closeTo(0),
        createrepoCpu: expect.closeTo(0)
      }
    ])
  })

  it("is not told of a case that was measured at one size, or nowhere", () => {
    expect(growthOf([row(1000, 1, 2)])).toEqual([])
    expect(growthOf([row(1000, 1, 2), row(10_000, null, null)])).toEqual([])
  })
})

describe("the costs of some rounds", () => {
  it("are their medians, with the least and the most, and the most memory", () => {
    const rounds = [3, 1, 2].map((wall, index) => ({ ...seconds(wall), peakRssMiB: index }))
    expect(costsOf(rounds)).toEqual({
      wallSeconds: { median: 2, min: 1, max: 3 },
      cpuSeconds: { median: 4, min: 2, max: 6 },
      peakRssMiB: 2
    })
  })

  it("have for an even number the mean of the middle two", () => {
    expect(costsOf([1, 2, 4, 9].map(seconds))?.wallSeconds.median).toBe(3)
  })

  it("tell no memory of commands that were over before it could be seen", () => {
    const unseen = { ...seconds(1), peakRssMiB: Number.NaN }
    expect(costsOf([unseen, { ...seconds(1), peakRssMiB: 7 }])?.peakRssMiB).toBe(7)
    expect(costsOf([unseen])?.peakRssMiB).toBeNull()
  })

  it("are none without rounds", () => {
    expect(costsOf([])).toBeNull()
  })
})
