import { execFileSync } from "node:child_process"
import { FastCheck as fc } from "effect"
import { expect, it } from "vitest"
import { rpmvercmp } from "../../src/rpm/evr.ts"
import { describeWithTools } from "../kit/oracle.ts"

describeWithTools("rpm")("rpmvercmp, compared with rpm's", () => {
  it("agrees on random pairs", () => {
    // what rpm's Lua function takes: it reads an epoch before a colon and a release behind a dash, and refuses ""
    const version = fc.string({ unit: fc.constantFrom(..."0019aZz._~^+"), minLength: 1, maxLength: 10 })
    const pairs = fc.sample(fc.tuple(version, version), 3000)
    const lua = `%{lua: for a, b in ("${pairs.map(([a, b]) => `${a},${b};`).join("")}"):gmatch("([^,;]*),([^,;]*);") do print(rpm.vercmp(a, b) .. " ") end}`
    const answers = execFileSync("rpm", ["--eval", lua], { encoding: "utf8" }).trim().split(/\s+/).map(Number)
    expect(answers).toHaveLength(pairs.length)
    const wrong = pairs.filter(([a, b], at) => rpmvercmp(a, b) !== answers[at])
    expect(wrong).toEqual([])
  })
})
