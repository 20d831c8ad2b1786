import { linesOf, outputIn, traceIn } from "./result-batch.ts"
import type { Hit, NodeRecord } from "./store.ts"
import type { Statements } from "./store-sql.ts"

/** Finds results in a store's directory. */
export interface ResultReader {
  readonly hit: (key: string) => Hit | undefined
  /** Undefined also where it is damaged. */
  readonly node: (key: string) => NodeRecord | undefined
}

export const resultReader = (statements: Statements): ResultReader => {
  const outputsOf = keepingRecent((batch) => {
    const { outputs, run } = statements.selectOutputs(batch) ?? noOutputs
    return { run, lines: linesOf(outputs) ?? [] }
  })
  const tracesOf = keepingRecent((batch) => {
    const found = statements.selectTraces(batch)
    return found === undefined ? undefined : { rule: found.rule, lines: linesOf(found.traces) ?? [] }
  })
  return {
    hit: (key) => {
      const place = statements.selectPlace(key)
      if (place === undefined) return undefined
      const { lines, run } = outputsOf(place.batch)
      const output = outputIn(lines[place.slot], key)
      return output === undefined ? { output: "", run, damaged: true } : { output, run }
    },
    node: (key) => {
      const place = statements.selectPlace(key)
      if (place === undefined) return undefined
      const { lines, run } = outputsOf(place.batch)
      const output = outputIn(lines[place.slot], key)
      const traces = tracesOf(place.batch)
      const trace = traces?.lines[place.slot]
      if (output === undefined || traces === undefined || trace === undefined) return undefined
      return { key, rule: traces.rule, output, run, ...traceIn(trace) }
    }
  }
}

const noOutputs = { run: 0, outputs: new Uint8Array(0) }

/** Remembers what was read of the last batches: what was written together is mostly asked for together. */
const keepingRecent = <A>(read: (batch: number) => A): ((batch: number) => A) => {
  /** The newest stands last. */
  const recent = new Map<number, A>()
  let last: { readonly batch: number; readonly content: A } | undefined
  return (batch) => {
    if (last?.batch === batch) return last.content
    const content = recent.has(batch) ? (recent.get(batch) as A) : read(batch) // has said that it is an A
    recent.delete(batch)
    recent.set(batch, content)
    const [oldest] = recent.keys()
    if (recent.size > keptBatches && oldest !== undefined) recent.delete(oldest)
    last = { batch, content }
    return content
  }
}

const keptBatches = 16
