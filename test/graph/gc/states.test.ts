import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { type RootKind, type State, statesOf } from "../../../graph/gc/states.ts"
import type { RunRecord } from "../../../graph/index.ts"

const hour = 3600_000
const now = 1000 * 24 * hour
const about = { now, since: now - 24 * hour, lifetime: 90 * 24 * hour }

let id = 0
/** A run that ended well so many hours ago. */
const run = (label: string, root: string | null, hoursAgo: number, more: Partial<RunRecord> = {}): RunRecord => {
  id += 1
  const finished = now - hoursAgo * hour
  return { id, label, root, status: "succeeded", started: finished - 1000, finished, ...more }
}
const standings = (runs: ReadonlyArray<RunRecord>, kindOf: (root: string) => RootKind = () => "known") =>
  statesOf(runs, kindOf, about).map(({ root, standing }) => `${root} ${standing}`)

describe("the states of a log", () => {
  it("are told apart by their roots and stand by their newest run: used lately, newest of a label, or older", () => {
    const runs = [
      run("f42", "a", 300),
      run("f42", "b", 200),
      run("f43", "c", 100),
      run("f42", "d", 5),
      run("f42", "a", 2)
    ]
    expect(standings(runs)).toEqual(["a recent", "d recent", "c newest", "b older"])
  })

  it("stay used as long as a later run comes to the same root", () => {
    expect(standings([run("f42", "a", 300), run("f42", "b", 200), run("f42", "a", 100)])).toEqual([
      "a newest",
      "b older"
    ])
  })

  it("are made by runs that ended well, with a root that is there", () => {
    const runs = [
      run("f42", "a", 300),
      run("f42", "gone", 200),
      run("f42", "b", 100, { status: "failed" }),
      run("f42", "b", 90, { status: "interrupted" }),
      run("f42", null, 80, { status: "running", finished: null })
    ]
    expect(standings(runs, (root) => (root === "gone" ? "absent" : "known"))).toEqual(["a newest"])
  })

  it("go when they were not used for their lifetime, also the newest of a label", () => {
    expect(standings([run("old", "a", 91 * 24), run("f42", "b", 89 * 24)])).toEqual(["b newest", "a unused"])
  })

  it("of rules that are not known are of no use, and hold all that there is where they were used lately", () => {
    const runs = [run("f42", "a", 200), run("f42", "b", 100), run("f43", "c", 3)]
    expect(standings(runs, (root) => (root === "a" ? "known" : "foreign"))).toEqual(["c held", "a newest", "b foreign"])
  })

  const logs = fc.array(
    fc.record({
      label: fc.constantFrom("x", "y", "z"),
      root: fc.constantFrom("a", "b", "c", "d"),
      hoursAgo: fc.nat(3000)
    }),
    { maxLength: 20 }
  )

  it("have for each label one that stays, unless it was not used for its lifetime; and those that stay come first", () =>
    fc.assert(
      fc.property(logs, (log) => {
        const runs = log.toSorted((a, b) => b.hoursAgo - a.hoursAgo).map((of) => run(of.label, of.root, of.hoursAgo))
        const states = statesOf(runs, () => "known", about)
        expect(new Set(states.map(({ root }) => root)).size).toBe(states.length)
        for (const label of new Set(log.map((of) => of.label))) {
          const last = runs.findLast((of) => of.label === label)
          const state = states.find(({ root }) => root === last?.root)
          expect(["recent", "newest", "unused"]).toContain(state?.standing)
        }
        const stays = ({ standing }: State) => standing === "recent" || standing === "newest"
        expect(states.findLastIndex(stays)).toBe(states.filter(stays).length - 1)
        const older = states.filter(({ standing }) => standing === "older").map(({ lastUsed }) => lastUsed)
        expect(older).toEqual(older.toSorted((a, b) => b - a))
      })
    ))
})
