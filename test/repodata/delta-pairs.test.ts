import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { deltaPairs } from "../../src/repodata/delta-pairs.ts"
import { compareEvr } from "../../src/rpm/evr.ts"
import type { Nevra } from "../../src/rpm/nevra.ts"

const rpm = (text: string, arch = "x86_64"): Nevra => {
  const [, epoch, version = "", release = ""] = /^(?:(\d+):)?([^-]+)-(.+)$/.exec(text) ?? []
  return { name: "hello", epoch: epoch === undefined ? null : Number(epoch), version, release, arch }
}

const fromOf = (made: Nevra, older: ReadonlyArray<ReadonlyArray<Nevra>>, count: number) =>
  deltaPairs([made], older, count).map(({ from }) => `${from.epoch ?? ""}:${from.version}-${from.release}`)

describe("the editions that deltas are made from", () => {
  const older = [rpm("1.0-1"), rpm("1.10-1"), rpm("1.9-1"), rpm("1:0.1-1"), rpm("2.0-1"), rpm("2.0-2")]

  it("are the newest ones below the package's own, by rpm's order", () => {
    expect(fromOf(rpm("2.0-1"), [older], 2)).toEqual([":1.10-1", ":1.9-1"])
    expect(fromOf(rpm("1:1.0-1"), [older], 2)).toEqual(["1:0.1-1", ":2.0-2"])
    expect(fromOf(rpm("1.0-1"), [older], 5)).toEqual([])
  })

  it("have the package's name and architecture", () => {
    const others = [rpm("1.0-1", "noarch"), { ...rpm("1.0-1"), name: "hello-devel" }]
    expect(fromOf(rpm("2.0-1"), [others], 5)).toEqual([])
  })

  it("are counted in each older repository, and taken once", () => {
    expect(fromOf(rpm("3.0-1"), [[rpm("1.0-1"), rpm("1.1-1")], [rpm("2.0-1")], [rpm("2.0-1")]], 1)).toEqual([
      ":2.0-1",
      ":1.1-1"
    ])
  })

  it("are told apart by version and release, as a delta's name has no epoch", () => {
    expect(fromOf(rpm("2:3.0-1"), [[rpm("1.0-1"), rpm("1:1.0-1")]], 2)).toEqual(["1:1.0-1"])
  })

  it("stand in their order, also where two differ in their epochs only", () => {
    expect(fromOf(rpm("1:2~rc1-1"), [[rpm("1:1-2"), rpm("1-2"), rpm("2-1")]], 3)).toEqual(["1:1-2", ":2-1"])
  })

  it("are the first package's where several would have deltas of one name, and none where no file can have that name", () => {
    const [first, second] = [rpm("1:2.0-1"), rpm("2.0-1")]
    expect(deltaPairs([first, second], [[rpm("1.0-1")]], 1)).toEqual([{ package: first, from: rpm("1.0-1") }])
    const long = "1".repeat(130)
    expect(deltaPairs([rpm(`2${long}-1`)], [[rpm(`1${long}-1`)]], 1)).toEqual([])
  })

  it("are lower, at most as many as asked for, and none that was passed over is newer", () => {
    const nevras = fc.record({
      name: fc.constantFrom("a", "b"),
      epoch: fc.constantFrom(null, 0, 1),
      version: fc.constantFrom("1", "1.0", "1.1", "2", "2~rc1"),
      release: fc.constantFrom("1", "2"),
      arch: fc.constantFrom("x86_64", "noarch")
    })
    const lists = fc.array(nevras, { maxLength: 8 })
    fc.assert(
      fc.property(nevras, lists, fc.integer({ min: 1, max: 3 }), (made, candidates, count) => {
        const pairs = deltaPairs([made], [candidates], count).map(({ from }) => from)
        expect(pairs.length).toBeLessThanOrEqual(count)
        const lower = candidates.filter(
          (from) => from.name === made.name && from.arch === made.arch && compareEvr(from, made) < 0
        )
        expect(pairs.every((from) => lower.includes(from))).toBe(true)
        const [newest] = pairs
        if (lower.length > 0)
          expect(lower.every((from) => newest !== undefined && compareEvr(from, newest) <= 0)).toBe(true)
      })
    )
  })
})
