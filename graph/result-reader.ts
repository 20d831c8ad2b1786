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
    const found = statements.selectOutputs(batch)
    return found === undefined ? undefined : { run: found.run, lines: linesOf(found.outputs) ?? [] }
  })
  const tracesOf = keepingRecent((batch) => {
    const found = statements.selectTraces(batch)
    return found === undefined ? undefined : { rule: found.rule, lines: linesOf(found.traces) ?? [] }
  })

  /** Where a node is and what its batch has. Garbage collection may move it to another batch between the two look-ups. */
  const found = <A>(key: string, contentOf: (batch: number) => A | undefined) => {
    for (let last: number | undefined; ; ) {
      const place = statements.selectPlace(key)
      if (place === undefined) return undefined
      const content = contentOf(place.batch)
      if (content !== undefined || place.batch === last) return { slot: place.slot, content }
      last = place.batch
    }
  }
  const bothOf = (batch: number) => {
    const outputs = outputsOf(batch)
    const traces = tracesOf(batch)
    return outputs === undefined || traces === undefined ? undefined : { outputs, traces }
  }
  return {
    hit: (key) => {
      const place = found(key, outputsOf)
      if (place === undefined) return undefined
      const { lines, run } = place.content ?? noOutputs
      const output = outputIn(lines[place.slot], key)
      return output === undefined ? { output: "", run, damaged: true } : { output, run }
    },
    node: (key) => {
      const place = found(key, bothOf)
      if (place?.content === undefined) return undefined
      const { outputs, traces } = place.content
      const output = outputIn(outputs.lines[place.slot], key)
      const trace = traces.lines[place.slot]
      if (output === undefined || trace === undefined) return undefined
      return { key, rule: traces.rule, output, run: outputs.run, ...traceIn(trace) }
    }
  }
}

const noOutputs = { run: 0, lines: [] }

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
