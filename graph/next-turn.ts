import { Effect } from "effect"

/** Lets Node look at signals, timers and other threads, which a mere yield to other fibers does not. */
export const nextTurn: Effect.Effect<void> = Effect.async<void>((resume) => {
  const turn = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(turn))
})

/** Milliseconds. Whoever works without a pause should take a turn after so long: a run must hear an interruption. */
export const longestDeaf = 20
