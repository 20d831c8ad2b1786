import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { sideBySide } from "../../rules/side-by-side.ts"

const lists = fc.array(fc.array(fc.string(), { maxLength: 30 }), { maxLength: 5 })

describe("lists side by side", () => {
  it("come whole, each in its order", () => {
    fc.assert(
      fc.property(lists, (given) => {
        const found = given.map((): Array<string> => [])
        for (const [list, element] of sideBySide(given)) found[list]?.push(element)
        expect(found).toEqual(given)
      })
    )
  })

  it("are never further apart than by one element", () => {
    fc.assert(
      fc.property(lists, (given) => {
        const done = given.map(() => 0)
        for (const [list] of sideBySide(given)) {
          const shares = given.map(({ length }, index) => (length === 0 ? 1 : (done[index] ?? 0) / length))
          expect(shares[list]).toBe(Math.min(...shares))
          done[list] = (done[list] ?? 0) + 1
        }
      })
    )
  })

  it("alternate where they are of one length", () => {
    expect([...sideBySide([["a", "b"], [], ["c", "d"]])].map(([, element]) => element)).toEqual(["a", "c", "b", "d"])
  })
})
