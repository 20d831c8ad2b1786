import { sealed, unsealed } from "./compressed.ts"
import type { Demand, NodeRecord, Rerun, RuleRecord } from "./store.ts"

/**
 * Results of one rule and run. They are alike, and so are stored together and compressed as one: a line for each node, in their
 * order, of what hits need, and one of what only explanations read.
 */
export interface ResultBatch {
  readonly rule: RuleRecord
  readonly run: number
  readonly nodes: ReadonlyArray<NodeRecord>
  /** The sum of the nodes' own times, in milliseconds. */
  readonly ownMs: number
  readonly outputs: Uint8Array
  readonly traces: Uint8Array
}

/** These nodes in batches that are quick to expand for the sake of one of them. */
export const batchesOf = (nodes: Iterable<NodeRecord>): ReadonlyArray<ResultBatch> =>
  Array.from(Map.groupBy(nodes, ({ rule }) => rule.fingerprint).values())
    .flatMap((ofRule) => Array.from(Map.groupBy(ofRule, ({ run }) => run).values()))
    .flatMap(batchesOfRun)

/** What explanations read of a node. Its own time is kept to the microsecond. */
export type Trace = Pick<NodeRecord, "input" | "demands" | "ownMs" | "rerun">

/** The lines of a batch's outputs or traces; undefined where they are damaged. */
export const linesOf = (stored: Uint8Array): ReadonlyArray<string> | undefined => unsealed(stored)?.split("\n")

/** The output in a line; undefined where the line is another node's. */
export const outputIn = (line: string | undefined, key: string): string | undefined => {
  const rest = key.slice(placeLength)
  return line?.startsWith(rest) === true ? line.slice(rest.length) : undefined
}

/** The output in a line of an intact batch, whichever node's it is. */
export const outputOf = (line: string): string => line.slice(64 - placeLength)

/** By so many hex digits of its key a node is found. The rest of the key stands before its output. */
export const placeLength = 32

export const traceIn = (line: string): Trace => {
  const [microseconds, rerun = "", input = "", ...demands] = line.split("\t")
  return {
    input,
    demands: demands.map(decodeDemand),
    ownMs: Number(microseconds) / 1000,
    // only traceLine writes it
    rerun: rerun === "" ? null : (rerun as Rerun)
  }
}

const batchesOfRun = (nodes: ReadonlyArray<NodeRecord>): ReadonlyArray<ResultBatch> => {
  const batches: Array<ResultBatch> = []
  let traces: Array<string> = []
  let characters = 0
  for (const [index, node] of nodes.entries()) {
    const trace = traceLine(node)
    traces.push(trace)
    characters += trace.length
    if (traces.length < mostNodes && characters < mostCharacters && index < nodes.length - 1) continue
    batches.push(batchOf(node, nodes.slice(index + 1 - traces.length, index + 1), traces))
    traces = []
    characters = 0
  }
  return batches
}

/** In one batch. */
const mostNodes = 1000
/** Of traces. */
const mostCharacters = 512 * 1024

const batchOf = (
  { rule, run }: NodeRecord,
  nodes: ReadonlyArray<NodeRecord>,
  traces: ReadonlyArray<string>
): ResultBatch => ({
  rule,
  run,
  nodes,
  ownMs: nodes.reduce((sum, { ownMs }) => sum + ownMs, 0),
  outputs: sealed(nodes.map(({ key, output }) => key.slice(placeLength) + output).join("\n")),
  traces: sealed(traces.join("\n"))
})

/** JSON holds neither tabs nor line breaks but as escapes. */
const traceLine = ({ demands, input, ownMs, rerun }: NodeRecord): string =>
  [Math.round(ownMs * 1000), rerun ?? "", input, ...demands.map(encodeDemand)].join("\t")

/** Labels are made of names, which hold neither tabs nor line breaks. */
const encodeDemand = ({ key, label, rule }: Demand): string =>
  `${Buffer.from(key, "hex").toString("base64")} ${rule} ${label.replaceAll("\t", " ").replaceAll("\n", " ")}`

const decodeDemand = (text: string): Demand => {
  const [key = "", rule = "", ...label] = text.split(" ")
  return { key: Buffer.from(key, "base64").toString("hex"), rule, label: label.join(" ") }
}
