import { describe, expect, it } from "vitest"
import { timeText } from "../../../src/cli/words/time-text.ts"

describe("a time", () => {
  it("is printed as asctime prints it", () => {
    expect(timeText(Date.UTC(2026, 10, 22, 6, 53, 56, 999), { utc: true })).toBe("Sun Nov 22 06:53:56 2026")
    expect(timeText(Date.UTC(2026, 1, 3, 23, 0, 0), { utc: true })).toBe("Tue Feb  3 23:00:00 2026")
    expect(timeText(0, { utc: true })).toBe("Thu Jan  1 00:00:00 1970")
  })

  it("is local unless UTC is wanted", () => {
    const time = Date.UTC(2026, 6, 1, 12)
    const local = new Date(time).toString().split(" ")
    expect(timeText(time, { utc: false }).split(/ +/)).toEqual([local[0], local[1], "1", local[4], local[3]])
  })
})
