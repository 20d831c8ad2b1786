import { describe, expect, it } from "vitest"
import type { ExportEvent } from "../../src/export/dist-repo.ts"
import { type RunSpan, runSpans } from "../../src/telemetry/run-spans.ts"

const spansOf = (events: ReadonlyArray<readonly [number, ExportEvent]>, error: string | null = null): RunSpan => {
  const spans = runSpans({ name: "dist-repo", attributes: { "distgraph.tag": "demo" } }, 10)
  for (const [at, event] of events) spans.on(event, at)
  return spans.end(1000, error)
}

const node = (rule: string, label: string, from: number, until: number, ownMs: number) =>
  [
    [from, { _tag: "Started", kind: "action", rule, label }],
    [until, { _tag: "Finished", kind: "action", rule, label, ownMs }]
  ] as const satisfies ReadonlyArray<readonly [number, ExportEvent]>

describe("the spans of a run", () => {
  it("are the whole, its phases, and those within them", () => {
    const whole = spansOf([
      [20, { _tag: "Entered", phase: "publish" }],
      [21, { _tag: "Entered", phase: "write" }],
      [30, { _tag: "Left", phase: "write" }],
      [40, { _tag: "Left", phase: "publish" }]
    ])
    expect(whole).toMatchObject({ name: "dist-repo", start: 10, end: 1000, attributes: { "distgraph.tag": "demo" } })
    expect(whole.children).toMatchObject([
      { name: "publish", start: 20, end: 40, children: [{ name: "write", start: 21, end: 30, children: [] }] }
    ])
  })

  it("have one for all nodes of a rule, with what they came to", () => {
    const [evaluate] = spansOf([
      [20, { _tag: "Entered", phase: "evaluate" }],
      [21, { _tag: "Hits", rule: "package-metadata", labels: ["x", "y"] }],
      ...node("package-metadata", "a", 22, 30, 5.5),
      ...node("package-metadata", "b", 25, 44, 6),
      ...node("repomd", "", 50, 51, 1),
      [60, { _tag: "Left", phase: "evaluate" }]
    ]).children
    expect(evaluate?.children).toEqual([
      {
        name: "package-metadata",
        start: 21,
        end: 44,
        attributes: {
          "distgraph.rule.kind": "action",
          "distgraph.nodes.ran": 2,
          "distgraph.nodes.reused": 2,
          "distgraph.nodes.failed": 0,
          "distgraph.own_ms": 11.5
        },
        error: null,
        children: []
      },
      expect.objectContaining({ name: "repomd", start: 50, end: 51 })
    ])
  })

  it("have one for each of the twenty slowest nodes of a rule that took a tenth of a second", () => {
    const nodes = Array.from({ length: 50 }, (_, at) => node("delta", `${at}`, at, at + 500, ((at * 7) % 50) + 80))
    const [delta] = spansOf(nodes.flat()).children
    expect(delta?.children.map(({ attributes }) => attributes["distgraph.own_ms"])).toEqual(
      Array.from({ length: 20 }, (_, rank) => 129 - rank)
    )
    expect(delta?.children[0]).toMatchObject({
      name: "delta",
      start: 7,
      end: 507,
      attributes: { "distgraph.node.label": "7", "distgraph.own_ms": 129 }
    })
    expect(spansOf([...node("quick", "", 1, 500, 99)]).children[0]?.children).toEqual([])
  })

  it("say what failed, and end with the run where they did not end before", () => {
    const whole = spansOf(
      [
        [20, { _tag: "Entered", phase: "evaluate" }],
        [30, { _tag: "Started", kind: "plan", rule: "signed-lookup", label: "" }],
        [40, { _tag: "Failed", rule: "signed-lookup", label: "" }]
      ],
      "rpms are not signed"
    )
    expect(whole.error).toBe("rpms are not signed")
    expect(whole.children).toMatchObject([
      { name: "evaluate", end: 1000, children: [{ error: "1 failed", attributes: { "distgraph.nodes.failed": 1 } }] }
    ])
  })
})
