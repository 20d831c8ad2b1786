import { Effect } from "effect"
import type { ExternalFiles } from "./blobs.ts"
import { type EvaluateOptions, evaluate } from "./evaluate.ts"
import type { RunFailed } from "./failure.ts"
import type { Rule } from "./rule.ts"
import { Store, type StoreError } from "./store.ts"
import { overlayStore } from "./store-overlay.ts"

/** A node that a real run would have to do with: an action it would start, or a plan that waits for one. */
export type Rehearsed =
  | { readonly status: "would-run"; readonly rule: string; readonly label: string }
  | { readonly status: "waits"; readonly rule: string; readonly label: string; readonly for: string }

/** What a dry run found. */
export interface Rehearsal {
  /** Empty where everything that is asked for is in the store. */
  readonly nodes: ReadonlyArray<Rehearsed>
  /** How many results of each rule were found in the store. */
  readonly hits: ReadonlyMap<string, number>
}

/**
 * Says what {@link evaluate} would do: runs plans over an in-memory overlay of the store, starts no action, leaves nothing behind.
 * Fails as evaluate would where what is already known is enough to fail.
 */
export const rehearse = <I, O, E>(
  rule: Rule<string, I, O, E>,
  input: I,
  options: Omit<EvaluateOptions, "dryRun" | "onEvent">
): Effect.Effect<Rehearsal, RunFailed<E> | StoreError, Store | ExternalFiles> =>
  Effect.gen(function* () {
    const nodes: Array<Rehearsed> = []
    const hits = new Map<string, number>()
    const onEvent: EvaluateOptions["onEvent"] = (event) => {
      if (event._tag === "Hits") hits.set(event.rule, (hits.get(event.rule) ?? 0) + event.count)
      if (event._tag === "WouldRun") nodes.push({ status: "would-run", rule: event.rule, label: event.label })
      if (event._tag === "Waits") nodes.push({ status: "waits", rule: event.rule, label: event.label, for: event.for })
    }
    const overlay = overlayStore(yield* Store)
    yield* evaluate(rule, input, { ...options, dryRun: true, onEvent }).pipe(
      Effect.provideService(Store, overlay),
      // a root that only waits has failed of nothing
      Effect.catchTag("RunFailed", (failed) => (failed.failures.length === 0 ? Effect.void : Effect.fail(failed)))
    )
    return { nodes, hits }
  })
