import { type Context, Effect, Either, Exit } from "effect"
import type { ActionQueueOptions } from "./action-queue.ts"
import type { Asked } from "./asked.ts"
import type { Digest } from "./digest.ts"
import type { ExternalFiles } from "./external-files.ts"
import { EngineFailure, EngineFault, errorOf, FaultNote } from "./failure.ts"
import type { Flight } from "./flight.ts"
import { externalFilesIn, referencesIn } from "./references.ts"
import type { SharedBlobs, StoreError } from "./store.ts"
import type { WorkerDied, WorkerPool } from "./worker-pool.ts"
import type { Answer, Batch } from "./worker-protocol.ts"

/** What an attempt lets worker threads' actions do to it. No effect here fails. */
export interface ThreadActionsOptions {
  readonly pool: WorkerPool
  readonly shared: SharedBlobs
  readonly files: Context.Tag.Service<ExternalFiles>
  readonly takeOff: (node: Asked, worker: number) => Flight
  /** Stores and settles a node that has an output, as JSON; `took` is in milliseconds. */
  readonly keep: (flight: Flight, node: Asked, output: string, took: number, worker: number) => Effect.Effect<void>
  readonly fail: (flight: Flight, node: Asked, error: unknown) => void
  readonly blobLost: (digest: Digest, damaged: boolean) => Effect.Effect<void>
  /** Queues nodes once more. */
  readonly again: (nodes: ReadonlyArray<Asked>) => Effect.Effect<void>
  /** Ends the attempt where the store cannot be used. */
  readonly orEnd: <A>(effect: Effect.Effect<A, StoreError>) => Effect.Effect<A>
}

/** Has batches of actions computed by the threads of a pool, and takes what comes of them. */
export const threadActions = (options: ThreadActionsOptions): NonNullable<ActionQueueOptions["threads"]> => {
  const { again, blobLost, fail, files, keep, orEnd, pool, shared, takeOff } = options

  /** The paths of the files that nodes read; an accident where the source cannot tell one. */
  const pathsFor = (nodes: ReadonlyArray<Asked>): Effect.Effect<Exit.Exit<Batch["files"]>> => {
    const digests = nodes.flatMap(({ input, rule }) => externalFilesIn(rule.input, input.encoded))
    if (digests.length === 0) return Effect.succeed(Exit.succeed([]))
    const pairs = Effect.map(files.paths(digests), (paths) =>
      digests.flatMap((digest, index) => {
        const path = paths[index]
        return path === undefined ? [] : [[digest, path] as const]
      })
    )
    return Effect.exit(pairs).pipe(
      // The fiber was forked by whoever asked for something, which is not to blame.
      Effect.provideService(FaultNote, () => undefined)
    )
  }

  const conclude = (flight: Flight, node: Asked, answer: Answer, worker: number): Effect.Effect<void> => {
    const faulty = (failure: EngineFailure) => Effect.sync(() => fail(flight, node, new EngineFault(failure)))
    switch (answer._tag) {
      case "Output":
        return keep(flight, node, answer.output, answer.ownMs, worker)
      case "Error": {
        const decoded = node.rule.errors?.decode(answer.error)
        return decoded !== undefined && Either.isRight(decoded)
          ? Effect.sync(() => fail(flight, node, decoded.right))
          : faulty(EngineFailure.RuleCrashed({ cause: new TypeError("its error does not decode as its schema says") }))
      }
      case "BlobLost":
        return Effect.zipRight(blobLost(answer.digest, answer.damaged), faulty(EngineFailure.BlobLost(answer)))
      case "FileUnusable":
        return faulty(EngineFailure.Accident({ reason: files.describe(answer.problem) }))
      case "Accident":
        return faulty(EngineFailure.Accident({ reason: answer.reason }))
      case "Crash":
        return faulty(EngineFailure.RuleCrashed({ cause: answer.text }))
    }
  }

  /** Of many, one may have been too much for the thread: each gets another by itself. */
  const afterDeath = (flying: ReadonlyArray<readonly [Flight, Asked]>, { reason }: WorkerDied): Effect.Effect<void> =>
    Effect.suspend(() => {
      const [only, ...others] = flying
      if (only !== undefined && others.length === 0) {
        const [flight, node] = only
        fail(flight, node, new EngineFault(EngineFailure.Accident({ reason: `its worker thread died: ${reason}` })))
        return Effect.void
      }
      const nodes = flying.map(([, node]) => node)
      for (const node of nodes) node.suspect = true
      return again(nodes)
    })

  const unseenBy = ({ input, rule }: Asked): ReadonlyArray<readonly [Digest, Uint8Array]> =>
    referencesIn(rule.input, input.encoded).flatMap(({ digest }) => {
      const bytes = shared.unseen(digest)
      return bytes === undefined ? [] : [[digest, bytes] as const]
    })

  const compute = (worker: number, nodes: ReadonlyArray<Asked>): Effect.Effect<void> =>
    Effect.gen(function* () {
      const [first] = nodes
      const found = yield* pathsFor(nodes)
      // One by one it shows which nodes are to blame.
      if (Exit.isFailure(found) && nodes.length > 1) {
        return yield* Effect.forEach(nodes, (node) => compute(worker, [node]), { discard: true })
      }
      const flying = nodes.map((node) => [takeOff(node, worker), node] as const)
      if (Exit.isFailure(found)) {
        for (const [flight, node] of flying) fail(flight, node, errorOf(found.cause))
        return
      }
      if (first === undefined) return
      // Writing out takes its time. What an action needs beyond the blobs that it is given, its thread mostly has made itself; where it
      // has not, the action is done again. Not where that would cost much.
      const flush = nodes.some(({ cost, missed }) => missed || cost > cheap)
      if (flush) yield* orEnd(shared.flushBlobs)
      const blobs = flush ? [] : nodes.flatMap(unseenBy)
      const inputs = flying.map(([, node]) => node.input.text)
      const done = yield* Effect.either(pool.run(worker, { rule: first.rule.name, inputs, files: found.value, blobs }))
      if (Either.isLeft(done)) return yield* afterDeath(flying, done.left)
      yield* orEnd(shared.putBlobs(first.rule.name, done.right.blobs))
      const missing: Array<Asked> = []
      for (const [index, [flight, node]] of flying.entries()) {
        const answer = done.right.answers[index] ?? { _tag: "Crash", text: "its worker thread said nothing of it" }
        if (answer._tag === "BlobLost" && !answer.damaged && !flush) missing.push(node)
        else yield* conclude(flight, node, answer, worker)
      }
      if (missing.length === 0) return
      for (const node of missing) node.missed = true
      yield* again(missing)
    })

  return {
    count: pool.size,
    start: Effect.match(pool.start, { onFailure: () => false, onSuccess: () => true }),
    compute
  }
}

/** Milliseconds. */
const cheap = 20
