import type { ExportEvent } from "../export/dist-repo.ts"
import { type Lanes, lanes } from "./lanes.ts"
import { openNodes } from "./open-nodes.ts"

/**
 * An event of Chrome's Trace Event Format, as chrome://tracing and Perfetto read it: X a span, C a counter, i a moment, M a name for
 * a process or a thread. Times are microseconds. "Processes" are groups of rows, "threads" the rows.
 * Source: Trace Event Format (Google, 2016).
 */
export interface TraceEvent {
  readonly ph: "X" | "C" | "i" | "M"
  readonly name: string
  readonly pid: number
  readonly tid: number
  readonly ts: number
  readonly dur?: number
  readonly cat?: string
  readonly s?: "g"
  readonly args?: Readonly<Record<string, string | number | boolean>>
}

/** Makes a trace from what happens, told with the milliseconds since the process began. */
export interface ChromeTrace {
  readonly on: (event: ExportEvent, at: number) => void
  /** Closes what has not ended, which a failure or an interruption leaves. */
  readonly end: (at: number) => void
}

/**
 * Draws an export as rows of spans: its phases, its actions (a row a worker thread, or one for each that computes at the same
 * time), and its plans, which wait most of their time. Counts hits by rule, packages placed, and memory.
 */
export const chromeTrace = (title: string, begun: number, write: (event: TraceEvent) => void): ChromeTrace => {
  const rows = rowsOf(title, write)
  const nodes = openNodes<OpenNode>()
  const phases: Array<{ readonly name: string; readonly started: number }> = []
  const count = counters(write)
  const slots: Readonly<Record<Kind, Lanes>> = { plan: lanes(), action: lanes() }
  /** Until when each worker's row is full. */
  const busyUntil = new Map<number, number>()

  const leavePhase = (at: number, unfinished: boolean): void => {
    const phase = phases.pop()
    if (phase === undefined) return
    rows.span("phases", rows.phases, phase.name, phase.started, at, unfinished ? { unfinished } : {})
  }

  const endNode = ({ kind, label, rule, slot, started, worker }: OpenNode, at: number, args: Args, ownMs?: number) => {
    if (slot !== undefined) slots[kind].leave(slot)
    if (worker === undefined) {
      rows.span(kind, rows.slot(kind, slot ?? 1), rule, started, at, { label, ...args })
      return
    }
    // A worker computes one after the other, though it may be told of several at once.
    const from = Math.max(started, busyUntil.get(worker) ?? 0)
    const until = ownMs === undefined ? Math.max(at, from) : from + ownMs
    busyUntil.set(worker, until)
    rows.span(kind, rows.worker(worker), rule, from, until, { label, ...args })
  }

  rows.span("phases", rows.phases, "start-up", 0, begun, {})
  return {
    on: (event, at) => {
      switch (event._tag) {
        case "Entered":
          phases.push({ name: event.phase, started: at })
          break
        case "Left":
          leavePhase(at, false)
          break
        case "Started": {
          const slot = event.worker === undefined ? slots[event.kind].take() : undefined
          nodes.add(event, { ...event, slot, started: at })
          break
        }
        case "Finished": {
          const node = nodes.take(event)
          if (node !== undefined) endNode({ ...node, ...event }, at, { "own ms": rounded(event.ownMs) }, event.ownMs)
          break
        }
        case "Failed": {
          const node = nodes.take(event)
          if (node !== undefined) endNode(node, at, { failed: true })
          break
        }
        case "Hits":
          count.add(`hits ${event.rule}`, event.labels.length, at)
          break
        case "Placed":
          count.set("packages placed", event.packages, at)
          break
        case "WroteSignedCopies":
          rows.moment(`${event.copies} signed copies written with key ${event.sigkey}`, at)
          break
        case "WaitsForPublication":
          rows.moment("waits for another publication", at)
          break
        case "WouldRun":
        case "Waits":
          break // of dry runs
        default:
          event satisfies never
      }
      count.memory(at)
    },
    end: (at) => {
      for (const node of nodes.values()) endNode(node, at, { unfinished: true })
      while (phases.length > 0) leavePhase(at, true)
      count.end(at)
    }
  }
}

type Kind = "plan" | "action"

type Args = Readonly<Record<string, string | number | boolean>>

interface OpenNode {
  readonly kind: Kind
  readonly rule: string
  readonly label: string
  readonly worker?: number
  /** The row it holds; undefined where its worker has one. */
  readonly slot: number | undefined
  readonly started: number
}

/** A row's process and thread. */
interface Row {
  readonly pid: number
  readonly tid: number
}

const PHASES = 1
const ACTIONS = 2
const PLANS = 3

/** Workers have rows of their own below those of the main thread's actions. */
const firstWorker = 1001

const rowsOf = (title: string, write: (event: TraceEvent) => void) => {
  const named = new Set<string>()
  const name = (kind: "process_name" | "thread_name" | "process_sort_index", pid: number, tid: number, args: Args) =>
    write({ ph: "M", name: kind, pid, tid, ts: 0, args })
  for (const [pid, words] of [
    [PHASES, `${title}: phases`],
    [ACTIONS, "actions: what computes"],
    [PLANS, "plans: what asks, and waits"]
  ] as const) {
    name("process_name", pid, 0, { name: words })
    name("process_sort_index", pid, 0, { sort_index: pid })
  }
  const row = (pid: number, tid: number, words: string): Row => {
    const key = `${pid} ${tid}`
    if (!named.has(key)) name("thread_name", pid, tid, { name: words })
    named.add(key)
    return { pid, tid }
  }
  return {
    phases: row(PHASES, 1, "main thread"),
    slot: (kind: Kind, slot: number): Row => row(kind === "plan" ? PLANS : ACTIONS, slot, `${kind} ${slot}`),
    worker: (worker: number): Row => row(ACTIONS, firstWorker + worker, `worker ${worker}`),
    span: (cat: string, { pid, tid }: Row, name: string, from: number, until: number, args: Args): void =>
      write({ ph: "X", name, cat, pid, tid, ts: micros(from), dur: micros(until) - micros(from), args }),
    moment: (name: string, at: number): void => write({ ph: "i", name, pid: PHASES, tid: 1, ts: micros(at), s: "g" })
  }
}

/** Draws counters, each at most a hundred times a second, and once more in the end. */
const counters = (write: (event: TraceEvent) => void) => {
  const values = new Map<string, { value: number; drawnAt: number; drawn: number | undefined }>()
  let memoryAt = Number.NEGATIVE_INFINITY
  const draw = (name: string, at: number): void => {
    const counter = values.get(name)
    if (counter === undefined || counter.drawn === counter.value) return
    counter.drawn = counter.value
    counter.drawnAt = at
    write({ ph: "C", name, pid: PHASES, tid: 1, ts: micros(at), args: { [name]: counter.value } })
  }
  const set = (name: string, value: number, at: number): void => {
    const counter = values.get(name) ?? { value: 0, drawnAt: Number.NEGATIVE_INFINITY, drawn: undefined }
    counter.value = value
    values.set(name, counter)
    if (at - counter.drawnAt >= 10) draw(name, at)
  }
  return {
    set,
    add: (name: string, more: number, at: number): void => set(name, (values.get(name)?.value ?? 0) + more, at),
    memory: (at: number): void => {
      if (at - memoryAt < 50) return
      memoryAt = at
      set("memory MiB", Math.round(process.memoryUsage.rss() / 2 ** 20), at)
    },
    end: (at: number): void => {
      for (const name of values.keys()) draw(name, at)
    }
  }
}

const micros = (ms: number): number => Math.round(ms * 1000)

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000
