import { Clock, Effect } from "effect"
import { Store, type StoreError } from "./store.ts"

/**
 * Logs that a result was used without an evaluation, because it is known to be what one would come to: so that garbage collection knows
 * what is still in use. Adds nothing where the newest run under this label said so within the last hour.
 *
 * @param root the root's node key.
 */
export const noteUse = (label: string, root: string): Effect.Effect<void, StoreError, Store> =>
  Effect.gen(function* () {
    const store = yield* Store
    const now = yield* Clock.currentTimeMillis
    const last = yield* store.lastSucceeded(label, Number.MAX_SAFE_INTEGER)
    if (last?.root === root && now - (last.finished ?? last.started) < anHour) return
    const run = yield* store.startRun(label, now)
    yield* store.finishRun(run, { status: "succeeded", finished: now, root })
  })

/** Milliseconds. */
const anHour = 3600_000
