import { describe, expect, it } from "vitest"
import type { Asked } from "../../graph/asked.ts"
import { WaitingActions } from "../../graph/waiting-actions.ts"
import { Choir, Shout } from "./thread-rules.ts"

const actions = (names: string, { cost = 1, rule = Shout, suspect = false }: Partial<Asked> = {}) =>
  names.split(" ").map((label): Asked => {
    return {
      key: label,
      rule,
      label,
      cost,
      suspect,
      missed: false,
      input: { encoded: {}, text: "{}" },
      waiters: [],
      outcome: undefined
    }
  })
const labels = (taken: ReadonlyArray<Asked>): string => taken.map(({ label }) => label).join(" ")

describe("waiting actions", () => {
  it("go in the order of the flights that ask for them, not in that of their coming", () => {
    const waiting = new WaitingActions()
    waiting.add(5, actions("e"))
    waiting.add(2, actions("a b"))
    waiting.add(2, actions("c"))
    waiting.add(3, actions("d"))
    expect([waiting.count, waiting.cost]).toEqual([5, 5])
    const taken = Array.from({ length: 6 }, () => waiting.takeOne(Number.POSITIVE_INFINITY)?.label)
    expect(taken).toEqual(["a", "b", "c", "d", "e", undefined])
    expect([waiting.count, waiting.cost]).toEqual([0, 0])
  })

  it("can be had by those only that are quickly done", () => {
    const waiting = new WaitingActions()
    waiting.add(1, actions("long", { cost: 50 }))
    waiting.add(2, actions("short"))
    expect(waiting.takeOne(5)?.label).toBe("short")
    expect(waiting.takeOne(5)).toBeUndefined()
    expect(labels(waiting.takeBatch(0, 5))).toBe("")
    expect(labels(waiting.takeBatch(0, 50))).toBe("long")
  })

  it("come in batches of one rule and one flight, of some milliseconds", () => {
    const waiting = new WaitingActions()
    waiting.add(1, [...actions("a b c", { cost: 8 }), ...actions("x y", { rule: Choir })])
    waiting.add(2, actions("d"))
    const batches = Array.from({ length: 5 }, () => labels(waiting.takeBatch(0, 100)))
    expect(batches).toEqual(["a b", "c", "x y", "d", ""])
  })

  it("go to the thread that had others of their flight, unless it has nothing else", () => {
    const waiting = new WaitingActions()
    waiting.add(1, actions("a"))
    waiting.add(2, actions("b"))
    expect(labels(waiting.takeBatch(0, 100))).toBe("a")
    expect(labels(waiting.takeBatch(1, 100))).toBe("b")
    waiting.add(1, actions("c"))
    waiting.add(2, actions("d"))
    expect(labels(waiting.takeBatch(1, 100))).toBe("d")
    expect(labels(waiting.takeBatch(1, 100))).toBe("c")
  })

  it("that may have killed a thread go alone", () => {
    const waiting = new WaitingActions()
    waiting.add(0, actions("a b", { suspect: true }))
    expect(labels(waiting.takeBatch(0, 100))).toBe("a")
    expect(labels(waiting.takeBatch(0, 100))).toBe("b")
  })
})
