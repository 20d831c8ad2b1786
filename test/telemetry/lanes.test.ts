import { FastCheck as fc } from "effect"
import { expect, it } from "vitest"
import { lanes } from "../../src/telemetry/lanes.ts"

it("a lane is nobody else's until it is left, and the lowest free one is taken", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat())), (steps) => {
      const chart = lanes()
      const held = new Set<number>()
      for (const step of steps) {
        const leaving = step === null ? undefined : [...held][step % Math.max(1, held.size)]
        if (leaving === undefined) {
          const lane = chart.take()
          expect(held.has(lane)).toBe(false)
          for (let lower = 1; lower < lane; lower += 1) expect(held.has(lower)).toBe(true)
          held.add(lane)
        } else {
          chart.leave(leaving)
          held.delete(leaving)
        }
      }
    })
  )
})
