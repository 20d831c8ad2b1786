import { Worker } from "node:worker_threads"
import { Data, Effect, type Scope } from "effect"
import type { Batch, WorkerMessage, WorkerStart } from "./worker-protocol.ts"

/** Worker threads for actions: started when they are first needed, ended with the scope. */
export interface WorkerPool {
  readonly size: number
  /** Starts the threads; done when all are ready. Fails where one cannot start. */
  readonly start: Effect.Effect<void, WorkerDied>
  /** Has a batch computed by one thread (from 0 on). After a thread died, a new one takes its place at the next batch. */
  readonly run: (worker: number, batch: Omit<Batch, "id">) => Effect.Effect<BatchDone, WorkerDied>
}

type BatchDone = Extract<WorkerMessage, { readonly _tag: "Done" }>

/** A thread ended by itself: it ran out of memory, or its code cannot be loaded. */
export class WorkerDied extends Data.TaggedError("WorkerDied")<{ readonly reason: string }> {}

/** Where a pool's threads come from: an entry file that calls `serveActions`, and how many there are. */
export interface WorkerOptions {
  readonly entry: URL
  readonly workers: number
}

export const workerPool = (
  { entry, workers }: WorkerOptions,
  home: string
): Effect.Effect<WorkerPool, never, Scope.Scope> =>
  Effect.gen(function* () {
    const threads = new Map<number, Thread>()
    yield* Effect.addFinalizer(() =>
      Effect.promise(() => Promise.all(Array.from(threads.values(), ({ worker }) => worker.terminate())))
    )
    const threadOf = (index: number): Thread => {
      const known = threads.get(index)
      if (known !== undefined && known.died === undefined) return known
      const made = startThread(entry, home)
      threads.set(index, made)
      return made
    }
    return {
      size: workers,
      start: Effect.forEach(
        Array.from({ length: workers }).keys(),
        (index) => Effect.tryPromise({ try: () => threadOf(index).ready, catch: diedOf }),
        { concurrency: "unbounded", discard: true }
      ),
      run: (index, batch) => Effect.tryPromise({ try: () => threadOf(index).compute(batch), catch: diedOf })
    }
  })

interface Thread {
  readonly worker: Worker
  readonly ready: Promise<void>
  died: WorkerDied | undefined
  readonly compute: (batch: Omit<Batch, "id">) => Promise<BatchDone>
}

const startThread = (entry: URL, home: string): Thread => {
  const start: WorkerStart = { home }
  const worker = new Worker(entry, { workerData: start, resourceLimits: { maxYoungGenerationSizeMb: youngMiB } })
  const waiting = new Map<
    number,
    { readonly done: (batch: BatchDone) => void; readonly died: (why: WorkerDied) => void }
  >()
  let next = 0
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>()
  // Nobody may be waiting for it when it fails.
  ready.catch(() => undefined)
  const thread: Thread = {
    worker,
    ready,
    died: undefined,
    compute: (batch) =>
      new Promise((done, died) => {
        if (thread.died !== undefined) return died(thread.died)
        const id = next++
        waiting.set(id, { done, died })
        worker.postMessage({ ...batch, id } satisfies Batch)
      })
  }
  const die = (reason: string): void => {
    thread.died ??= new WorkerDied({ reason })
    reject(thread.died)
    for (const { died } of waiting.values()) died(thread.died)
    waiting.clear()
  }
  worker.on("message", (message: WorkerMessage) => {
    if (message._tag === "Ready") return resolve()
    waiting.get(message.id)?.done(message)
    waiting.delete(message.id)
  })
  worker.on("error", (error) => die(error instanceof Error ? error.message : String(error)))
  worker.on("exit", (code) => die(`the thread ended with code ${code}`))
  return thread
}

const diedOf = (cause: unknown): WorkerDied =>
  cause instanceof WorkerDied ? cause : new WorkerDied({ reason: String(cause) })

/** What an action leaves behind is garbage at once: more room for it costs memory and spares no time. */
const youngMiB = 12
