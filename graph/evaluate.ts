import { Cause, Clock, Effect } from "effect"
import { type Attempted, attempt } from "./attempt.ts"
import { canonicalJson } from "./canonical.ts"
import type { Digest } from "./digest.ts"
import type { RunEvent } from "./events.ts"
import { ExternalFiles } from "./external-files.ts"
import { RunFailed } from "./failure.ts"
import { nodeKey, rulesUnder } from "./key.ts"
import type { Rule } from "./rule.ts"
import { type Rerun, Store, type StoreError } from "./store.ts"
import type { Watch } from "./watch.ts"
import { type WorkerOptions, workerPool } from "./worker-pool.ts"

export interface EvaluateOptions {
  /** The root demand's place, the same from run to run, such as `dist-repo f42`. */
  readonly label: string
  /** How many actions compute at a time. */
  readonly cpu: number
  /** Told of each event, synchronously. */
  readonly onEvent?: (event: RunEvent) => void
  /** Told of a rule's outputs, synchronously. */
  readonly watch?: Watch
  /** Names of rules whose cached results are not used. */
  readonly force?: ReadonlySet<string>
  /** Check from the start that what a hit names is still there; the engine does so by itself after it missed a blob. */
  readonly repair?: boolean
  /** Start no action: a dry run, to be given an overlay of the store. */
  readonly dryRun?: boolean
  /** Worker threads for actions, started where there is enough for them to do. Not used with a store in memory. */
  readonly threads?: WorkerOptions
}

/** A finished evaluation. */
export interface Evaluated<O> {
  readonly output: O
  readonly run: number
  /** The root's node key. */
  readonly root: string
}

/**
 * Evaluates a rule for an input: takes from the store what is there, computes the rest, stores it. Nodes independent of a failed
 * one go on. Interruption keeps what is finished. A blob found missing or damaged makes the engine try again, checking each
 * result it takes, so that what is lost is rebuilt.
 *
 * Fails with {@link RunFailed}, which names each failed node once, or {@link StoreError}.
 */
export const evaluate = <I, O, E>(
  rule: Rule<string, I, O, E>,
  input: I,
  options: EvaluateOptions
): Effect.Effect<Evaluated<O>, RunFailed<E> | StoreError, Store | ExternalFiles> =>
  Effect.gen(function* () {
    const store = yield* Store
    const files = yield* ExternalFiles
    const { shared } = store
    const { threads } = options
    const pool = threads && shared && { pool: yield* workerPool(threads, shared.home) }
    rulesUnder(rule)
    const root = nodeKey(rule, canonicalJson(rule.encodeInput(input)))
    const run = yield* store.startRun(options.label, yield* Clock.currentTimeMillis)
    const finish = (status: "succeeded" | "failed" | "interrupted") =>
      Effect.flatMap(Clock.currentTimeMillis, (finished) => store.finishRun(run, { status, finished, root }))
    const lost = new Map<Digest, Rerun>()
    const once = (repair: boolean): Effect.Effect<Attempted<O>, StoreError> =>
      attempt(rule, input, { ...options, ...pool, run, root, repair, lost, store, files })

    /** Again, checking each result that is taken, as long as an attempt failed and had missed blobs of which none knew before. */
    const attempts = (repair: boolean): Effect.Effect<Attempted<O>, StoreError> =>
      Effect.suspend(() => {
        const missed = lost.size
        return Effect.flatMap(once(repair), (outcome) =>
          outcome._tag === "Failed" && lost.size > missed ? attempts(true) : Effect.succeed(outcome)
        )
      })
    const settled = yield* Effect.onError(attempts(options.repair === true), (cause) =>
      Effect.ignore(finish(Cause.isInterruptedOnly(cause) ? "interrupted" : "failed"))
    )
    if (settled._tag === "Succeeded") {
      yield* finish("succeeded")
      return { output: settled.output, run, root }
    }
    yield* finish("failed")
    // each failure is of the E of some rule below the root, which joins them
    return yield* new RunFailed({ run, failures: settled.failures as RunFailed<E>["failures"] })
  }).pipe(Effect.scoped)
