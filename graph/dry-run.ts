import { Effect } from "effect"
import { type EvaluateOptions, evaluate } from "./evaluate.ts"
import type { RunEvent } from "./events.ts"
import type { ExternalFiles } from "./external-files.ts"
import type { RunFailed } from "./failure.ts"
import type { Rule } from "./rule.ts"
import { Store, type StoreError } from "./store.ts"
import { overlayStore } from "./store-overlay.ts"

/**
 * A node that a real run would have to do with: an action that it would start, a plan that waits for one, or a plan that would run
 * and, since all that it asks for is known, ran here to its end.
 */
export type DryRunNode =
  | { readonly status: "would-run"; readonly rule: string; readonly label: string }
  | { readonly status: "waits"; readonly rule: string; readonly label: string; readonly for: string }
  | { readonly status: "planned"; readonly rule: string; readonly label: string }

/** What a dry run found. What stands on an action that would run is known no further than `waits`. */
export interface DryRun {
  /** Empty where everything that is asked for is in the store. */
  readonly nodes: ReadonlyArray<DryRunNode>
  /** The labels of the results that were found in the store, by rule. */
  readonly hits: ReadonlyMap<string, ReadonlyArray<string>>
}

/**
 * Says what {@link evaluate} would do: runs plans over an in-memory overlay of the store, starts no action, leaves nothing behind.
 * Fails as evaluate would where what is already known is enough to fail.
 */
export const dryRun = <I, O, E>(
  rule: Rule<string, I, O, E>,
  input: I,
  options: Omit<EvaluateOptions, "dryRun" | "onEvent">
): Effect.Effect<DryRun, RunFailed<E> | StoreError, Store | ExternalFiles> =>
  Effect.gen(function* () {
    const nodes: Array<DryRunNode> = []
    const hits = new Map<string, Array<string>>()
    const onEvent = (event: RunEvent): void => {
      if (event._tag === "Hits") hits.set(event.rule, (hits.get(event.rule) ?? []).concat(event.labels))
      if (event._tag === "WouldRun") nodes.push({ status: "would-run", rule: event.rule, label: event.label })
      if (event._tag === "Waits") nodes.push({ status: "waits", rule: event.rule, label: event.label, for: event.for })
      // Actions do not even start.
      if (event._tag === "Finished") nodes.push({ status: "planned", rule: event.rule, label: event.label })
    }
    const overlay = overlayStore(yield* Store)
    yield* evaluate(rule, input, { ...options, dryRun: true, onEvent }).pipe(
      Effect.provideService(Store, overlay),
      // a root that only waits has failed of nothing
      Effect.catchTag("RunFailed", (failed) => (failed.failures.length === 0 ? Effect.void : Effect.fail(failed)))
    )
    return { nodes, hits }
  })
