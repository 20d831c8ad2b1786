import { Effect, type Scope } from "effect"
import type { Asked } from "./asked.ts"
import { nextTurn } from "./next-turn.ts"
import { WaitingActions } from "./waiting-actions.ts"

/** Takes actions and has them computed: on the main thread, or, where there is enough to do, by worker threads. */
export interface ActionQueue {
  /** `order` is that of the flight that asks. */
  readonly add: (order: number, actions: ReadonlyArray<Asked>) => Effect.Effect<void>
}

/** Who computes. No effect here may fail. */
export interface ActionQueueOptions {
  /** How many actions of the main thread may be on their way at a time. */
  readonly cpu: number
  /** The fibers that work live in it, whoever adds actions, so interrupting one that waits for an action leaves the others alive. */
  readonly scope: Scope.Scope
  readonly here: (action: Asked) => Effect.Effect<void>
  readonly threads?: {
    readonly count: number
    /** Gives whether they can be used. */
    readonly start: Effect.Effect<boolean>
    /** Has actions computed that are all of one rule. */
    readonly compute: (worker: number, actions: ReadonlyArray<Asked>) => Effect.Effect<void>
  }
}

/**
 * A few fibers take one action after another, for a fiber each would cost more than many an action. What one flight asks for goes to
 * one worker thread as long as the others have enough to do, since actions of one flight mostly read the same blobs.
 */
export const actionQueue = ({ cpu, here, scope, threads }: ActionQueueOptions): ActionQueue => {
  const waiting = new WaitingActions()
  let mode: "here" | "starting" | "threads" = "here"
  let busyHere = 0
  let listened = performance.now()
  const busy = Array.from({ length: threads?.count ?? 0 }, () => 0)
  let canStart = threads !== undefined
  // A fiber inherits from whoever forks it that it may not be interrupted.
  const fork = (work: Effect.Effect<void>) => Effect.forkIn(Effect.interruptible(work), scope)

  const workHere = Effect.gen(function* () {
    for (;;) {
      // While threads start, what would keep this one for long is left to them.
      const longest = mode === "here" ? Number.POSITIVE_INFINITY : mode === "starting" ? shortCost : 0
      const action = waiting.takeOne(longest)
      if (action === undefined) break
      yield* here(action)
      // Also that threads are ready is news that comes from outside.
      if (mode !== "starting" || performance.now() - listened < longestUnheard) continue
      yield* nextTurn
      listened = performance.now()
    }
    busyHere -= 1
  })

  const workOn = (worker: number, compute: NonNullable<typeof threads>["compute"]) =>
    Effect.gen(function* () {
      for (;;) {
        // What comes second in line should not have to wait for long while another thread may be idle.
        const batch = waiting.takeBatch(worker, busy[worker] === 1 ? Number.POSITIVE_INFINITY : shortCost)
        if (batch.length === 0) break
        yield* compute(worker, batch)
      }
      busy[worker] = (busy[worker] ?? 0) - 1
    })

  const wakeThreads = ({ compute }: NonNullable<typeof threads>): Effect.Effect<void> => {
    const starting: Array<Effect.Effect<unknown>> = []
    // Each thread has its next batches at hand when it is done with one, also where this thread is busy with something else.
    for (let fibers = 0; fibers < batchesAtHand; fibers += 1) {
      for (const worker of busy.keys()) {
        if (starting.length >= waiting.count || busy[worker] !== fibers) continue
        busy[worker] = fibers + 1
        starting.push(fork(workOn(worker, compute)))
      }
    }
    return Effect.all(starting, { discard: true })
  }

  const wake: Effect.Effect<void> = Effect.suspend(() => {
    if (threads !== undefined && mode === "threads") return wakeThreads(threads)
    const starting =
      threads !== undefined && canStart && waiting.cost > worthStarting ? startThreads(threads) : Effect.void
    const fibers = Math.max(0, Math.min(Math.max(1, cpu) - busyHere, waiting.count))
    busyHere += fibers
    return Effect.zipRight(starting, Effect.replicateEffect(fork(workHere), fibers, { discard: true }))
  })

  const startThreads = ({ start }: NonNullable<typeof threads>): Effect.Effect<unknown> => {
    mode = "starting"
    canStart = false
    return fork(
      Effect.flatMap(start, (usable) => {
        mode = usable ? "threads" : "here"
        return wake
      })
    )
  }

  return {
    add: (order, actions) =>
      Effect.suspend(() => {
        waiting.add(order, actions)
        return wake
      })
  }
}

/** Milliseconds of work that are worth the start of worker threads, which takes about as long. */
const worthStarting = 100

const shortCost = 5

/** Milliseconds that threads which are ready may have to wait. */
const longestUnheard = 5

const batchesAtHand = 3
