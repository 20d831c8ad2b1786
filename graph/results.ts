import { Effect, Either, identity } from "effect"
import type { Asked, Settled } from "./asked.ts"
import { closureOf } from "./closure.ts"
import type { Digest } from "./digest.ts"
import type { RunEvent } from "./events.ts"
import type { Flight } from "./flight.ts"
import { ruleRecord } from "./key.ts"
import type { AnyRule } from "./rule.ts"
import type { Hit, Rerun, StoreApi, StoreError } from "./store.ts"

export interface ResultsOptions {
  readonly store: StoreApi
  readonly run: number
  readonly repair: boolean
  /** Whether results of a rule that are there are not used. */
  readonly forced: (rule: AnyRule) => boolean
  readonly lost: ReadonlyMap<Digest, Rerun>
  readonly emit: (event: RunEvent) => void
  /** Told of each output. */
  readonly tell: (rule: AnyRule, output: unknown) => void
  readonly settle: (node: Asked, outcome: Settled) => void
  /** Ends the attempt where the store cannot be used. */
  readonly orEnd: <A>(effect: Effect.Effect<A, StoreError>) => Effect.Effect<A>
}

/** The results of nodes, as an attempt takes them from the store and puts them there. */
export const resultsOf = ({ emit, forced, lost, orEnd, repair, run, settle, store, tell }: ResultsOptions) => {
  const reruns = new Map<string, Rerun>()
  /** Keys of hits that were told of. A node that was forgotten meanwhile is taken again. */
  const told = new Set<string>()
  const closure = closureOf(store)

  /** What is wrong with a result of which the store no longer has every blob. */
  const loss = (rule: AnyRule, { output }: Hit): Effect.Effect<Rerun | null> =>
    Effect.map(orEnd(closure.firstMissing(rule.output, JSON.parse(output))), (gone) => {
      if (gone === undefined) return null
      return gone.damaged ? "output-damaged" : (lost.get(gone.digest) ?? "output-lost")
    })

  return {
    /** Settles those of the nodes that have a result which may be taken. */
    take: (rule: AnyRule, asked: ReadonlyArray<Asked>): Effect.Effect<void> =>
      Effect.gen(function* () {
        if (forced(rule)) return
        const unknown = [...new Set(asked)].filter((node) => node.waiters === undefined && node.outcome === undefined)
        if (unknown.length === 0) return
        const hits = yield* orEnd(store.lookup(unknown.map(({ key }) => key)))
        const labels: Array<string> = []
        for (const [index, node] of unknown.entries()) {
          const hit = hits[index]
          if (hit === undefined) continue
          const decoded = decodedFrom(rule, hit.output)
          const fault = hit.damaged ? "output-damaged" : Either.isLeft(decoded) ? "output-unreadable" : null
          const reason = fault ?? (repair ? yield* loss(rule, hit) : null)
          if (reason !== null) reruns.set(node.key, reason)
          // Another fiber may have been faster, or, just before the result was there, have set out to compute it.
          else if (node.waiters === undefined && node.outcome === undefined) {
            settle(node, decoded)
            // What this run computed was told of when it was.
            if (hit.run === run || told.has(node.key)) continue
            told.add(node.key)
            labels.push(node.label)
            if (Either.isRight(decoded)) tell(rule, decoded.right)
          }
        }
        if (labels.length > 0) emit({ _tag: "Hits", rule: rule.name, labels })
      }),

    /** Stores a result, and gives it decoded from its text, so that whoever asked sees what a later hit will give. */
    keep: (flight: Flight, node: Asked, output: string, ownMs: number, worker?: number): Effect.Effect<unknown> => {
      const { label, rule } = flight
      const decoded = Either.getOrThrowWith(rule.decodeOutput(JSON.parse(output)), identity)
      const { key, input } = node
      const put = (rerun: Rerun | null) =>
        store.putNode({
          key,
          rule: ruleRecord(rule),
          input: input.text,
          output,
          demands: flight.demands,
          run,
          ownMs,
          rerun
        })
      const storing = forced(rule)
        ? Effect.flatMap(store.lookup([key]), ([known]) => put(known === undefined ? null : "forced"))
        : put(reruns.get(key) ?? null)
      return Effect.map(orEnd(storing), () => {
        const where = worker === undefined ? {} : { worker }
        emit({ _tag: "Finished", kind: rule.kind, rule: rule.name, label, ownMs, ...where })
        tell(rule, decoded)
        return decoded
      })
    }
  }
}

const decodedFrom = (rule: AnyRule, json: string): Either.Either<unknown, unknown> => {
  try {
    return rule.decodeOutput(JSON.parse(json))
  } catch (cause) {
    return Either.left(cause)
  }
}
