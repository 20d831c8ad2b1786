import { execFileSync } from "node:child_process"
import { FastCheck as fc } from "effect"
import { expect, it } from "vitest"
import { type Dependency, overlaps } from "../../src/rpm/dependency.ts"
import { describeWithTools } from "../kit/oracle.ts"

const relations = { LT: 2, GT: 4, EQ: 8, LE: 10, GE: 12 } as const

const ranges = fc.record({
  relation: fc.constantFrom(...(["LT", "GT", "EQ", "LE", "GE"] as const)),
  epoch: fc.constantFrom(null, "0", "1"),
  version: fc.constantFrom("1", "1.0", "1.0~rc1", "2", "10"),
  release: fc.constantFrom(null, "1", "2.el9")
})
const dependencies = fc.record({ name: fc.constantFrom("a", "b"), range: fc.option(ranges, { freq: 5 }) })

const asRpm = ({ name, range }: Dependency) => [
  name,
  range === null ? 0 : relations[range.relation],
  range === null
    ? ""
    : `${range.epoch === null ? "" : `${range.epoch}:`}${range.version}${range.release === null ? "" : `-${range.release}`}`
]

/** rpm's own bindings, which dnf brings with it: a line for each pair. */
const compare = `
import json, rpm, sys
for a, b in json.load(sys.stdin):
    print(int(rpm.ds(tuple(a), rpm.RPMTAG_PROVIDENAME).Compare(rpm.ds(tuple(b), rpm.RPMTAG_REQUIRENAME))))
`

describeWithTools("rpm", "dnf")("rpm's comparison of dependencies", () => {
  it("says of what is provided and required just what ours says", () => {
    const pairs = fc.sample(fc.tuple(dependencies, dependencies), 3000)
    const input = JSON.stringify(pairs.map((pair) => pair.map(asRpm)))
    const said = execFileSync("/usr/bin/python3", ["-c", compare], { input, encoding: "utf8" }).trim().split("\n")
    const different = pairs.filter(([a, b], index) => overlaps(a, b) !== (said[index] === "1"))
    expect(different.map((pair) => pair.map(asRpm))).toEqual([])
  })
})
