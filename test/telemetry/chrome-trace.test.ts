import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import type { ExportEvent } from "../../src/export/dist-repo.ts"
import { chromeTrace, type TraceEvent } from "../../src/telemetry/chrome-trace.ts"

/** The trace of events that are told with their times. */
const traceOf = (events: ReadonlyArray<readonly [number, ExportEvent]>, end = 1000): ReadonlyArray<TraceEvent> => {
  const written: Array<TraceEvent> = []
  const trace = chromeTrace("dist-repo demo", 50, (event) => written.push(event))
  for (const [at, event] of events) trace.on(event, at)
  trace.end(end)
  return written
}

const spans = (trace: ReadonlyArray<TraceEvent>, name: string) =>
  trace.filter((event) => event.ph === "X" && event.name === name)

/** The words on a span's group of rows and on its row. */
const rowOf = (trace: ReadonlyArray<TraceEvent>, { pid, tid }: TraceEvent) => {
  const words = (kind: string, thread: number) =>
    trace.find((event) => event.ph === "M" && event.name === kind && event.pid === pid && event.tid === thread)?.args?.[
      "name"
    ]
  return [words("process_name", 0), words("thread_name", tid)]
}

const started = (rule: string, label = "", worker?: number): ExportEvent => ({
  _tag: "Started",
  kind: "action",
  rule,
  label,
  ...(worker === undefined ? {} : { worker })
})
const finished = (rule: string, label = "", ownMs = 1, worker?: number): ExportEvent => ({
  _tag: "Finished",
  kind: "action",
  rule,
  label,
  ownMs,
  ...(worker === undefined ? {} : { worker })
})
const plan = (event: ExportEvent): ExportEvent => ("kind" in event ? { ...event, kind: "plan" } : event)

describe("a Chrome trace", () => {
  it("begins with the start-up, and has the phases within each other in one row", () => {
    const trace = traceOf([
      [60, { _tag: "Entered", phase: "publish" }],
      [61, { _tag: "Entered", phase: "write" }],
      [70.5, { _tag: "Left", phase: "write" }],
      [80, { _tag: "Left", phase: "publish" }]
    ])
    expect(spans(trace, "start-up")).toMatchObject([{ ts: 0, dur: 50_000 }])
    const [publish, write] = [...spans(trace, "publish"), ...spans(trace, "write")]
    expect(publish).toMatchObject({ ts: 60_000, dur: 20_000 })
    expect(write).toMatchObject({ ts: 61_000, dur: 9500, pid: publish?.pid, tid: publish?.tid })
    expect(write && rowOf(trace, write)).toEqual(["dist-repo demo: phases", "main thread"])
  })

  it("has a span for each node, named by its rule, with label and own time", () => {
    const trace = traceOf([
      [100, started("compress-group", "bash")],
      [130, finished("compress-group", "bash", 12.3456)]
    ])
    expect(spans(trace, "compress-group")).toMatchObject([
      { cat: "action", ts: 100_000, dur: 30_000, args: { label: "bash", "own ms": 12.346 } }
    ])
  })

  it("puts what overlaps into rows of its own, actions and plans apart, and takes the rows again", () => {
    const trace = traceOf([
      [100, plan(started("dist-repo"))],
      [101, started("a")],
      [102, started("b")],
      [110, finished("a")],
      [111, started("c")],
      [120, finished("b")],
      [121, finished("c")],
      [130, plan(finished("dist-repo"))]
    ])
    const row = (name: string) => spans(trace, name).map((span) => rowOf(trace, span)[1])
    expect([row("dist-repo"), row("a"), row("b"), row("c")]).toEqual([
      ["plan 1"],
      ["action 1"],
      ["action 2"],
      ["action 1"]
    ])
  })

  it("shows what a worker thread computed in the worker's row, one after the other though it was told of at once", () => {
    const trace = traceOf([
      [100, started("a", "1", 3)],
      [100, started("a", "2", 3)],
      [100, started("b")],
      [120, finished("a", "1", 5, 3)],
      [120, finished("a", "2", 7, 3)],
      [125, finished("b", "", 10, 4)]
    ])
    expect(spans(trace, "a")).toMatchObject([
      { ts: 100_000, dur: 5000 },
      { ts: 105_000, dur: 7000 }
    ])
    expect(spans(trace, "a").map((span) => rowOf(trace, span))).toEqual(
      Array(2).fill(["actions: what computes", "worker 3"])
    )
    expect(spans(trace, "b").map((span) => rowOf(trace, span)[1])).toEqual(["worker 4"])
  })

  it("marks what failed, and what a failure or interruption left unfinished", () => {
    const trace = traceOf(
      [
        [60, { _tag: "Entered", phase: "evaluate" }],
        [61, started("a", "bad")],
        [62, started("a", "cut off")],
        [63, { _tag: "Failed", rule: "a", label: "bad" }]
      ],
      90
    )
    expect(spans(trace, "a")).toMatchObject([
      { dur: 2000, args: { label: "bad", failed: true } },
      { dur: 28_000, args: { label: "cut off", unfinished: true } }
    ])
    expect(spans(trace, "evaluate")).toMatchObject([{ dur: 30_000, args: { unfinished: true } }])
  })

  it("counts hits by rule and packages placed, not too often, and in the end completely", () => {
    const hits = Array.from({ length: 500 }, (_, at): readonly [number, ExportEvent] => [
      100 + at / 10,
      { _tag: "Hits", rule: "package-metadata", labels: ["a", "b"] }
    ])
    const trace = traceOf([...hits, [200, { _tag: "Placed", packages: 7 }]])
    const counted = trace.filter(({ name, ph }) => ph === "C" && name === "hits package-metadata")
    expect(counted.length).toBeLessThan(10)
    expect(counted.at(-1)).toMatchObject({ args: { "hits package-metadata": 1000 } })
    expect(trace.find(({ name }) => name === "packages placed")?.args).toEqual({ "packages placed": 7 })
    expect(Number(trace.find(({ name }) => name === "memory MiB")?.args?.["memory MiB"])).toBeGreaterThan(10)
  })

  it("never draws one span of a node over another, whatever runs", () => {
    const step = fc.record({
      kind: fc.constantFrom("plan", "action"),
      rule: fc.constantFrom("a", "b"),
      worker: fc.option(fc.nat(2)),
      ends: fc.boolean(),
      ownMs: fc.double({ min: 0, max: 20, noNaN: true }),
      later: fc.double({ min: 0, max: 5, noNaN: true })
    })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let at = 50
        const trace = traceOf(
          steps.map(({ ends, later, ownMs, worker: option, ...node }): readonly [number, ExportEvent] => {
            at += later
            const worker = option === null || node.kind === "plan" ? {} : { worker: option }
            const kind = node.kind as "plan" | "action" // constantFrom widens it
            const name = { kind, rule: `${kind} ${node.rule}`, label: "" } // a rule is of one kind
            return [
              at,
              ends ? { _tag: "Finished", ...name, ownMs, ...worker } : { _tag: "Started", ...name, ...worker }
            ]
          }),
          at
        )
        const nodes = trace.filter(({ cat, ph }) => ph === "X" && cat !== "phases")
        for (const row of Map.groupBy(nodes, ({ pid, tid }) => `${pid} ${tid}`).values()) {
          let free = 0
          for (const { dur = 0, ts } of row.toSorted((a, b) => a.ts - b.ts || (a.dur ?? 0) - (b.dur ?? 0))) {
            expect(ts).toBeGreaterThanOrEqual(free)
            expect(dur).toBeGreaterThanOrEqual(0)
            free = ts + dur
          }
        }
      })
    )
  })
})
