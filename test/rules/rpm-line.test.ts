import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import {
  archIn,
  buildIdIn,
  buildIn,
  chosenLine,
  copiesIn,
  fileNameIn,
  nameIn,
  taggedRow
} from "../../rules/rpm-line.ts"
import { buildNvr, ChosenChunk, TaggedChunk, type TaggedRpm } from "../../rules/rpm-row.ts"
import { fileName } from "../../src/rpm/nevra.ts"
import { taggedRpms } from "./rows.ts"

/** The line of a row in its chunk. */
const lineOf = (rpm: TaggedRpm): string =>
  Buffer.from(TaggedChunk.encode([rpm]))
    .toString()
    .slice(0, -1)

describe("the line of an rpm", () => {
  it("says what its row says", () => {
    fc.assert(
      fc.property(taggedRpms, (rpm) => {
        const line = lineOf(rpm)
        expect(taggedRow(line)).toEqual(rpm)
        expect([nameIn(line), archIn(line), buildIdIn(line)]).toEqual([rpm.name, rpm.arch, rpm.buildId])
        expect(fileNameIn(line)).toBe(fileName(rpm))
        expect(copiesIn(line)).toEqual({
          primary: rpm.primary,
          signed: new Map(rpm.signatures.map(({ copy, sigkey }) => [sigkey, copy]))
        })
      })
    )
  })

  it("becomes the line of the row with the chosen copy", () => {
    fc.assert(
      fc.property(taggedRpms, fc.constantFrom(null, "aaaa0001"), (rpm, sigkey) => {
        const { primary: file, signatures: _, ...facts } = rpm
        const line = chosenLine(lineOf(rpm), sigkey, file)
        const chosen = { ...facts, sigkey, file, multilib: false }
        expect(`${line}\n`).toBe(Buffer.from(ChosenChunk.encode([chosen])).toString())
        expect([archIn(line), fileNameIn(line), buildIn(line)]).toEqual([rpm.arch, fileName(rpm), buildNvr(rpm)])
      })
    )
  })

  it("that is none is told from a row", () => {
    expect(() => taggedRow("name\t1")).toThrow("ends early")
  })
})
