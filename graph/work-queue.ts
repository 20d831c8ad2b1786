import { Effect, MutableQueue, type Scope } from "effect"

/** Takes tasks and has them worked on, so many at a time, in the order in which they came. */
export interface WorkQueue<A> {
  readonly add: (tasks: ReadonlyArray<A>) => Effect.Effect<void>
}

/**
 * A few fibers that take one task after another: a fiber for each task would cost more than many a task. They live in the scope,
 * whoever adds tasks, so interrupting one that waits for a task leaves those of others alive. `work` must not fail.
 */
export const workQueue = <A>(
  size: number,
  scope: Scope.Scope,
  work: (task: A) => Effect.Effect<void>
): WorkQueue<A> => {
  const queue = MutableQueue.unbounded<A>()
  const most = Math.max(1, size)
  let busy = 0
  const take = (): A | undefined => MutableQueue.poll(queue, undefined)
  const worker = Effect.gen(function* () {
    for (let task = take(); task !== undefined; task = take()) yield* work(task)
    busy -= 1
  })
  return {
    add: (tasks) =>
      Effect.suspend(() => {
        MutableQueue.offerAll(queue, tasks)
        const starting = Math.min(most - busy, MutableQueue.length(queue))
        busy += starting
        // A fiber inherits from whoever forks it that it may not be interrupted.
        return Effect.replicateEffect(Effect.forkIn(Effect.interruptible(worker), scope), starting, { discard: true })
      })
  }
}
