import type { ExportEvent } from "../export/dist-repo.ts"
import { openNodes } from "./open-nodes.ts"

/** A span of a trace with those within it. Times in milliseconds. */
export interface RunSpan {
  readonly name: string
  readonly start: number
  readonly end: number
  readonly attributes: Readonly<Record<string, string | number>>
  /** Why it failed; null where it did not. */
  readonly error: string | null
  readonly children: ReadonlyArray<RunSpan>
}

/** Gathers the spans of a run from what happens, told with its time. */
export interface RunSpans {
  readonly on: (event: ExportEvent, at: number) => void
  /** All that there is in the end. */
  readonly end: (at: number, error: string | null) => RunSpan
}

/**
 * The spans of an export: the whole, its phases, under a phase one span for each rule with what its nodes came to, and under that
 * the slowest of its nodes. A run has too many nodes for a span each.
 */
export const runSpans = (
  root: { readonly name: string; readonly attributes: RunSpan["attributes"] },
  start: number
): RunSpans => {
  const whole: Open = { name: root.name, start, phases: [], rules: new Map() }
  const path: Array<Open> = [whole]
  const nodes = openNodes<number>()
  const current = (): Open => path.at(-1) ?? whole

  const ruleOf = (rule: string, at: number): RuleSum => {
    const { rules } = current()
    const known = rules.get(rule)
    if (known !== undefined) {
      known.end = at
      return known
    }
    const made: RuleSum = { start: at, end: at, kind: null, ran: 0, reused: 0, failed: 0, ownMs: 0, slowest: [] }
    rules.set(rule, made)
    return made
  }

  return {
    on: (event, at) => {
      switch (event._tag) {
        case "Entered": {
          const phase: Open = { name: event.phase, start: at, phases: [], rules: new Map() }
          current().phases.push(phase)
          path.push(phase)
          break
        }
        case "Left":
          if (path.length > 1) current().end = at
          if (path.length > 1) path.pop()
          break
        case "Started":
          ruleOf(event.rule, at).kind = event.kind
          nodes.add(event, at)
          break
        case "Finished": {
          const sum = ruleOf(event.rule, at)
          sum.ran += 1
          sum.ownMs += event.ownMs
          const started = nodes.take(event)
          if (event.ownMs >= slow && started !== undefined) {
            keepSlow(sum.slowest, { label: event.label, start: started, end: at, ownMs: event.ownMs })
          }
          break
        }
        case "Failed":
          nodes.take(event)
          ruleOf(event.rule, at).failed += 1
          break
        case "Hits":
          ruleOf(event.rule, at).reused += event.labels.length
          break
        case "Placed":
        case "WaitsForPublication":
        case "WroteSignedCopies":
        case "WouldRun":
        case "Waits":
          break
        default:
          event satisfies never
      }
    },
    end: (at, error) => ({ ...spanOf(whole, at), attributes: root.attributes, error })
  }
}

/** Of its own time a node must have taken so many milliseconds to be shown by itself. */
const slow = 100

/** And so many nodes of a rule are shown. */
const shown = 20

/** The whole or a phase, while it lasts. */
interface Open {
  readonly name: string
  readonly start: number
  end?: number
  readonly phases: Array<Open>
  readonly rules: Map<string, RuleSum>
}

/** What the nodes of a rule came to in a phase. */
interface RuleSum {
  readonly start: number
  end: number
  kind: "plan" | "action" | null
  ran: number
  reused: number
  failed: number
  ownMs: number
  readonly slowest: Array<SlowNode>
}

interface SlowNode {
  readonly label: string
  readonly start: number
  readonly end: number
  readonly ownMs: number
}

/** Keeps the slowest, slowest first. */
const keepSlow = (slowest: Array<SlowNode>, node: SlowNode): void => {
  const place = slowest.findIndex(({ ownMs }) => ownMs < node.ownMs)
  slowest.splice(place < 0 ? slowest.length : place, 0, node)
  if (slowest.length > shown) slowest.pop()
}

/** What never ended, ended with the run. */
const spanOf = ({ end, name, phases, rules, start }: Open, at: number): RunSpan => ({
  name,
  start,
  end: end ?? at,
  attributes: {},
  error: null,
  children: [...phases.map((phase) => spanOf(phase, at)), ...[...rules].map(ruleSpan)]
})

const ruleSpan = ([rule, sum]: readonly [string, RuleSum]): RunSpan => ({
  name: rule,
  start: sum.start,
  end: sum.end,
  attributes: {
    ...(sum.kind === null ? {} : { "distgraph.rule.kind": sum.kind }),
    "distgraph.nodes.ran": sum.ran,
    "distgraph.nodes.reused": sum.reused,
    "distgraph.nodes.failed": sum.failed,
    "distgraph.own_ms": milliseconds(sum.ownMs)
  },
  error: sum.failed === 0 ? null : `${sum.failed} failed`,
  children: sum.slowest.map(({ end, label, ownMs, start }) => ({
    name: rule,
    start,
    end,
    attributes: { "distgraph.node.label": label, "distgraph.own_ms": milliseconds(ownMs) },
    error: null,
    children: []
  }))
})

const milliseconds = (ms: number): number => Math.round(ms * 1000) / 1000
