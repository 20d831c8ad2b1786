import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import {
  begun,
  changed,
  contentRead,
  dropped,
  type Ending,
  ended,
  interrupting,
  nextMove,
  noTurns,
  type Pace,
  type Turns
} from "../../../src/export/watch/turns.ts"

const pace: Pace = { quiet: 10, longest: 100 }
const never = () => false
const always = () => true

describe("a tag's turn", () => {
  it("comes when nothing has happened to it for the quiet period", () => {
    const turns = changed(changed(noTurns, "f42", 1, 0), "f42", 2, 7)
    expect(nextMove(turns, pace, never, 16)).toEqual({ _tag: "Wait", until: 17 })
    expect(nextMove(turns, pace, never, 17)).toEqual({ _tag: "Begin", tag: "f42" })
  })

  it("comes though it never rests, when its first change has waited as long as it may", () => {
    let turns = noTurns
    for (let now = 0; now < 100; now += 5) turns = changed(turns, "f42", now, now)
    expect(nextMove(turns, pace, never, 99)).toEqual({ _tag: "Wait", until: 100 })
    expect(nextMove(turns, pace, never, 100)).toEqual({ _tag: "Begin", tag: "f42" })
  })

  it("never comes where nothing changed, and one tag at a time has it, first the one that is due for longest", () => {
    expect(nextMove(noTurns, pace, never, 1000)).toEqual({ _tag: "Wait", until: null })
    const turns = changed(changed(noTurns, "f41", 2, 5), "f42", 1, 0)
    expect(nextMove(turns, pace, never, 50)).toEqual({ _tag: "Begin", tag: "f42" })
    expect(nextMove(begun(turns, "f42", 50), pace, never, 50)).toEqual({ _tag: "Wait", until: null })
  })

  it("is lost where it is watched no more", () => {
    const turns = dropped(changed(noTurns, "f42", 1, 0), "f42")
    expect(nextMove(turns, pace, never, 1000)).toEqual({ _tag: "Wait", until: null })
    const gone = dropped(begun(changed(noTurns, "f42", 1, 0), "f42", 10), "f42")
    expect(nextMove(ended(gone, { _tag: "Failed" }, 20), pace, never, 10 ** 9)).toEqual({ _tag: "Wait", until: null })
  })
})

describe("a change of a tag whose export is under way", () => {
  const underWay = contentRead(begun(changed(noTurns, "f42", 5, 0), "f42", 10), 6)

  it("is no news up to the event that the export has read", () => {
    expect(changed(underWay, "f42", 6, 12)).toBe(underWay)
    const unread = changed(begun(changed(noTurns, "f42", 5, 0), "f42", 10), "f42", 6, 11)
    expect(nextMove(unread, pace, always, 12)).toEqual({ _tag: "Wait", until: null })
    const done = ended(contentRead(unread, 6), { _tag: "Done" }, 20)
    expect(nextMove(done, pace, always, 1000)).toEqual({ _tag: "Wait", until: null })
  })

  it("follows after the export", () => {
    const turns = changed(underWay, "f42", 7, 12)
    expect(nextMove(turns, pace, never, 12)).toEqual({ _tag: "Wait", until: null })
    const done = ended(turns, { _tag: "Done" }, 90)
    expect(nextMove(done, pace, never, 90)).toEqual({ _tag: "Begin", tag: "f42" })
  })

  it("interrupts it where the tag says so, and it begins anew after the quiet period, with the age of the first change", () => {
    const turns = changed(underWay, "f42", 7, 12)
    expect(nextMove(turns, pace, always, 12)).toEqual({ _tag: "Interrupt", tag: "f42" })
    expect(nextMove(interrupting(turns), pace, always, 12)).toEqual({ _tag: "Wait", until: null })
    const again = ended(interrupting(turns), { _tag: "Interrupted" }, 13)
    expect(nextMove(again, pace, always, 13)).toEqual({ _tag: "Wait", until: 22 })
    expect(nextMove(changed(again, "f42", 8, 95), pace, always, 95)).toEqual({ _tag: "Wait", until: 100 })
  })

  it("interrupts it no more when the changes have waited as long as they may", () => {
    expect(nextMove(changed(underWay, "f42", 7, 100), pace, always, 100)).toEqual({ _tag: "Wait", until: null })
  })
})

describe("after an export", () => {
  const endedAs = (ending: Ending, turns: Turns = changed(noTurns, "f42", 1, 0)) =>
    ended(begun(turns, "f42", 10), ending, 20)

  it("that waits, the tag is looked at when the time is up, or something happens", () => {
    const waits = endedAs({ _tag: "Waits", until: 5000 })
    expect(nextMove(waits, pace, never, 20)).toEqual({ _tag: "Wait", until: 5000 })
    expect(nextMove(changed(waits, "f42", 2, 30), pace, never, 40)).toEqual({ _tag: "Begin", tag: "f42" })
  })

  it("that failed, it is tried again after a minute, then two, up to an hour, and after a success from the start", () => {
    const pauses: Array<number> = []
    let turns = changed(noTurns, "f42", 1, 0)
    for (let failure = 0; failure < 8; failure += 1) {
      turns = endedAs({ _tag: "Failed" }, turns)
      const move = nextMove(turns, pace, never, 20)
      pauses.push(move._tag === "Wait" && move.until !== null ? (move.until - 20) / 60_000 : Number.NaN)
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60])
    const again = endedAs({ _tag: "Failed" }, endedAs({ _tag: "Done" }, turns))
    expect(nextMove(again, pace, never, 20)).toEqual({ _tag: "Wait", until: 60_020 })
  })
})

/** What happens to a tag, how long after the one before, and how long it takes to be noticed. */
const happenings = fc.array(
  fc.record({ tag: fc.constantFrom("a", "b", "c"), after: fc.nat({ max: 20 }), noticed: fc.nat({ max: 2 }) }),
  { minLength: 1, maxLength: 60 }
)
const longestExport = 40
const durations = fc.infiniteStream(fc.integer({ min: 2, max: longestExport }))
const paces = fc
  .record({ quiet: fc.nat({ max: 10 }), more: fc.nat({ max: 50 }) })
  .map(({ more, quiet }): Pace => ({ quiet, longest: quiet + more }))
const cancelling = fc.subarray(["a", "b", "c"])

type Happenings = typeof happenings extends fc.Arbitrary<infer A> ? A : never

/** Lives a history through, second by second. */
const live = (
  history: Happenings,
  {
    cancels,
    lasts,
    pace
  }: { readonly cancels: ReadonlyArray<string>; readonly lasts: () => number; readonly pace: Pace }
) => {
  let at = 0
  const events = history.map(({ after, noticed, tag }, index) => {
    at += after
    return { event: index + 1, tag, at, noticedAt: at + noticed }
  })
  const begins: Array<{ changes: number; waited: number; rested: number }> = []
  const exports: Array<{ tag: string; read: number; began: number; at: number }> = []
  const interrupts: Array<string> = []
  /** By tag, when each change was noticed that no export has read. */
  const open = new Map<string, ReadonlyArray<{ event: number; noticedAt: number }>>()
  let turns = noTurns
  let running: { tag: string; began: number; reads: number; read: number; ends: number; stopped: boolean } | null = null
  for (let now = 0; now <= at + 10_000; now += 1) {
    for (const { event, noticedAt, tag } of events) {
      if (noticedAt !== now) continue
      turns = changed(turns, tag, event, now)
      open.set(tag, [...(open.get(tag) ?? []), { event, noticedAt }])
    }
    if (running !== null && now === running.reads) {
      running.read = events.findLast((event) => event.at <= now)?.event ?? 0
      turns = contentRead(turns, running.read)
    }
    if (running !== null && now >= running.ends) {
      const { began, read, stopped, tag } = running
      if (!stopped) {
        exports.push({ tag, read, began, at: now })
        open.set(
          tag,
          (open.get(tag) ?? []).filter(({ event }) => event > read)
        )
      }
      turns = ended(turns, { _tag: stopped ? "Interrupted" : "Done" }, now)
      running = null
    }
    const move = nextMove(turns, pace, (tag) => cancels.includes(tag), now)
    if (move._tag === "Begin") {
      const waiting = open.get(move.tag) ?? []
      begins.push({
        changes: waiting.length,
        waited: now - Math.min(...waiting.map(({ noticedAt }) => noticedAt)),
        rested: now - Math.max(...waiting.map(({ noticedAt }) => noticedAt))
      })
      turns = begun(turns, move.tag, now)
      const lasting = lasts()
      running = { tag: move.tag, began: now, reads: now + 1, read: 0, ends: now + lasting, stopped: false }
    }
    if (move._tag === "Interrupt" && running !== null) {
      interrupts.push(move.tag)
      turns = interrupting(turns)
      running = { ...running, stopped: true, ends: now + 1 }
    }
  }
  return { begins, events, exports, interrupts, open }
}

describe("the turns of random histories", () => {
  const holds = (
    check: (lived: ReturnType<typeof live>, pace: Pace, cancels: ReadonlyArray<string>, history: Happenings) => void
  ) =>
    fc.assert(
      fc.property(happenings, durations, paces, cancelling, (history, lasting, pace, cancels) => {
        const lived = live(history, { cancels, pace, lasts: () => lasting.next().value ?? 2 })
        check(lived, pace, cancels, history)
      }),
      { numRuns: 100 }
    )

  it("leave no change unexported, and export each tag's newest event last", () =>
    holds(({ events, exports, open }) => {
      expect([...open.values()].flat()).toEqual([])
      for (const tag of new Set(events.map((event) => event.tag))) {
        const reads = exports.filter((done) => done.tag === tag).map(({ read }) => read)
        expect(reads.at(-1)).toBeGreaterThanOrEqual(events.findLast((event) => event.tag === tag)?.event ?? 0)
        expect(reads).toEqual(reads.toSorted((a, b) => a - b))
      }
    }))

  it("begin nothing that is not due: a tag has rested, or waited as long as it may", () =>
    holds(({ begins }, { longest, quiet }) => {
      for (const { changes, rested, waited } of begins) {
        expect(changes).toBeGreaterThan(0)
        expect(rested >= quiet || waited >= longest).toBe(true)
      }
    }))

  it("let no change wait for longer than it may, but for the exports that are before it", () =>
    holds(({ events, exports }, { longest }) => {
      for (const { event, noticedAt, tag } of events) {
        const done = exports.find((done) => done.tag === tag && done.read >= event)
        // two other tags, and one of its own that had read before
        expect((done?.began ?? Number.NaN) - noticedAt).toBeLessThanOrEqual(longest + 3 * longestExport)
      }
    }))

  it("interrupt exports of those tags only that want it", () => {
    let interrupted = 0
    holds(({ interrupts }, _, cancels) => {
      for (const tag of interrupts) expect(cancels).toContain(tag)
      interrupted += interrupts.length
    })
    expect(interrupted).toBeGreaterThan(0)
  })

  it("make one export of a burst", () =>
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 10 }), (gaps) => {
        const history = gaps.map((after) => ({ tag: "a", after, noticed: 0 }))
        const { exports } = live(history, { cancels: [], lasts: () => 5, pace: { quiet: 10, longest: 1000 } })
        expect(exports.map(({ read }) => read)).toEqual([gaps.length])
      })
    ))
})
