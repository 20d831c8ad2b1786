import { describe, expect, it } from "vitest"
import { ageText, secondsOfAge } from "../../../src/cli/words/age.ts"

describe("an age", () => {
  it("is read in seconds, minutes, hours or days", () => {
    expect(["0", "90", "90s", "30m", "8h", "7d"].map(secondsOfAge)).toEqual([0, 90, 90, 1800, 28_800, 604_800])
    for (const bad of ["", "d", "1w", "-1", "1.5h", "7 d"]) expect(secondsOfAge(bad)).toBeUndefined()
  })

  it("is told in the largest unit that there is one of", () => {
    const of = (seconds: number) => ageText(seconds * 1000)
    expect([0, 1, 59, 60, 3599, 7200, 86_399, 86_400, 1_000_000].map(of)).toEqual([
      "0 seconds",
      "1 second",
      "59 seconds",
      "1 minute",
      "59 minutes",
      "2 hours",
      "23 hours",
      "1 day",
      "11 days"
    ])
    // a clock that was set back
    expect(of(-5)).toBe("0 seconds")
  })
})
