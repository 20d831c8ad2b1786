import { Worker } from "node:worker_threads"
import { Effect, type Scope } from "effect"
import { longestDeaf, nextTurn } from "../../graph/index.ts"
import { entryUrl } from "../bundle/entries.ts"
import { type Batch, type PlacedBatch, placing } from "./place-packages.ts"

/** Puts package files into folders. */
export interface Placer {
  readonly place: (batch: Batch) => Effect.Effect<PlacedBatch>
}

/**
 * A placer that works on this thread and, so that other cores link too, on so many more. The others have stopped when the scope is
 * closed, if need be in the midst of a batch.
 */
export const makePlacer = (threads: number): Effect.Effect<Placer, never, Scope.Scope> =>
  Effect.gen(function* () {
    const helpers = yield* Effect.replicateEffect(startHelper, threads)
    const turn = yield* Effect.makeSemaphore(1)
    const free = () => helpers.find((helper) => helper.isFree())
    /** One batch at a time, and only if no helper has become free meanwhile: between two of them helpers are heard. */
    const hereOrFree = (batch: Batch): Effect.Effect<Effect.Effect<PlacedBatch>> =>
      Effect.suspend(() => {
        const helper = free()
        return helper === undefined ? Effect.map(placeHere(batch), Effect.succeed) : Effect.succeed(helper.place(batch))
      })
    return {
      place: (batch) =>
        Effect.suspend(() => free()?.place(batch) ?? Effect.flatten(turn.withPermits(1)(hereOrFree(batch))))
    }
  })

/** Stays deaf for a few milliseconds only, and lets helpers be given more before the next batch. */
const placeHere = (batch: Batch): Effect.Effect<PlacedBatch> =>
  Effect.gen(function* () {
    const steps = placing(batch)
    let paused = performance.now()
    let step = steps.next()
    while (step.done !== true) {
      if (performance.now() - paused > longestDeaf) {
        yield* nextTurn
        paused = performance.now()
      }
      step = steps.next()
    }
    yield* nextTurn
    return step.value
  })

/** One batch is being placed, others wait, so that the thread has no pause while this one is busy with its own, or with files. */
export const batchesAtOnce = 12

const startHelper = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => new Worker(entryUrl("place-worker"))),
    (worker) => Effect.promise(() => worker.terminate())
  ),
  (worker) => {
    // A thread that cannot start is never ready, and the others do the work.
    let ready = false
    const waiting: Array<(placed: Effect.Effect<PlacedBatch>) => void> = []
    const end = (cause: unknown): void => {
      ready = false
      for (const resume of waiting.splice(0)) resume(Effect.die(cause))
    }
    worker.on("message", (message: "ready" | PlacedBatch) => {
      if (message === "ready") ready = true
      else waiting.shift()?.(Effect.succeed(message))
    })
    worker.on("error", end)
    worker.on("exit", () => end(new Error("a thread that places packages ended before its work was done")))
    return {
      isFree: () => ready && waiting.length < batchesAtOnce,
      place: (batch: Batch) =>
        Effect.async<PlacedBatch>((resume) => {
          waiting.push(resume)
          worker.postMessage(batch)
        })
    }
  }
)
