import { Context, Deferred, Effect, Either, Exit, FiberRef } from "effect"
import { actionQueue } from "./action-queue.ts"
import { type Asked, type Countdown, type Settled, settle } from "./asked.ts"
import { AttemptNodes } from "./attempt-nodes.ts"
import { Blobs } from "./blobs.ts"
import type { Digest } from "./digest.ts"
import type { RunEvent } from "./events.ts"
import { ExternalFiles } from "./external-files.ts"
import { describeError, EngineFailure, EngineFault, errorOf, FaultNote, type NodeFailure, raise } from "./failure.ts"
import {
  type FailedFlight,
  type Flight,
  failuresBelow,
  nameOf,
  ownMs,
  startFlight,
  startWaiting,
  stopWaiting,
  wouldRun
} from "./flight.ts"
import { nodeKey } from "./key.ts"
import { resultsOf } from "./results.ts"
import { type AnyRule, type Demander, demander, type MayNeed, type Rule } from "./rule.ts"
import type { BlobMissing, Rerun, StoreApi, StoreError } from "./store.ts"
import { threadActions } from "./thread-actions.ts"
import type { Watch } from "./watch.ts"
import { workQueue } from "./work-queue.ts"
import type { WorkerPool } from "./worker-pool.ts"

export type Attempted<O> =
  | { readonly _tag: "Succeeded"; readonly output: O }
  | { readonly _tag: "Failed"; readonly failures: ReadonlyArray<NodeFailure> }

export interface AttemptOptions {
  readonly run: number
  /** The root's node key. */
  readonly root: string
  readonly cpu: number
  readonly onEvent?: (event: RunEvent) => void
  readonly watch?: Watch
  readonly force?: ReadonlySet<string>
  readonly dryRun?: boolean
  /** Take a result from the store only where all that it names is still there. */
  readonly repair: boolean
  /** What was found missing, and how: filled by one attempt, read by the next. */
  readonly lost: Map<Digest, Rerun>
  readonly store: StoreApi
  readonly files: Context.Tag.Service<ExternalFiles>
  /** Absent: all actions are computed on this thread. */
  readonly pool?: WorkerPool
}

/** So many plans of one demand are on their way at a time: enough to keep every core busy, few enough to stay small. */
const widest = 32

/** One pass over the graph, from the root demand down. A store that cannot be used ends it at once. */
export const attempt = <I, O, E>(
  rootRule: Rule<string, I, O, E>,
  rootInput: I,
  options: AttemptOptions
): Effect.Effect<Attempted<O>, StoreError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { lost, store } = options
      const scope = yield* Effect.scope
      const fiberId = yield* Effect.fiberId
      const broken = yield* Deferred.make<never, StoreError>()
      const heard = (listener: () => void): void => {
        try {
          listener()
        } catch (cause) {
          Deferred.unsafeDone(broken, Exit.die(cause)) // the listener's bug, which ends the run
        }
      }
      const emit = (event: RunEvent): void => heard(() => options.onEvent?.(event))
      const tell = (rule: AnyRule, output: unknown): void => {
        if (rule === options.watch?.rule) heard(() => options.watch?.told(output))
      }
      const nodes = new AttemptNodes()
      const failed = new Map<string, FailedFlight>()
      let flights = 0

      const orEnd = <A>(effect: Effect.Effect<A, StoreError>): Effect.Effect<A> =>
        Effect.catchAll(effect, (error) =>
          Effect.zipRight(
            Deferred.fail(broken, error),
            raise(new EngineFault(EngineFailure.StoreUnusable({ reason: error.reason })))
          )
        )

      /** A bug of the engine's must not leave anyone waiting for ever. */
      const orCrash =
        <A extends ReadonlyArray<unknown>>(work: (...of: A) => Effect.Effect<void>) =>
        (...of: A): Effect.Effect<void> =>
          Effect.tapDefect(work(...of), (cause) =>
            Effect.sync(() => Deferred.unsafeDone(broken, Exit.failCause(cause)))
          )

      const forced = ({ name }: AnyRule): boolean => options.force?.has(name) === true

      const settleAs = (node: Asked, outcome: Settled): void => {
        settle(node, outcome)
        // A failure is in no store, and what a forced rule's node has there is not taken.
        if (Either.isRight(outcome) && !forced(node.rule)) nodes.release(node)
      }

      const results = resultsOf({ ...options, forced, emit, tell, orEnd, settle: settleAs })

      const demand =
        (asker: Flight | undefined): Demander["demand"] =>
        <I, O, E>(rule: Rule<string, I, O, E>, inputs: ReadonlyArray<I>) =>
          Effect.gen(function* () {
            const asked = inputs.map((input) => ask(rule, input))
            if (asker !== undefined) {
              for (const { key, label } of asked) asker.demands.push({ rule: rule.name, label, key })
            }
            yield* results.take(rule, asked)
            const misses = asked.filter(({ outcome }) => outcome === undefined)
            if (misses.length > 0) yield* awaited(asker, allSettled(asker, rule, misses))
            const outputs: Array<O> = []
            for (const { key, outcome } of asked) {
              if (outcome === undefined) return yield* Effect.dieMessage(`the node ${rule.name} ${key} never settled`)
              if (Either.isLeft(outcome)) {
                asker?.handed.add(outcome.left)
                // the key names the rule, so only this rule's errors and outputs are under it
                return yield* outcome.left instanceof EngineFault ? raise(outcome.left) : Effect.fail(outcome.left as E)
              }
              outputs.push(outcome.right as O) // likewise
            }
            return outputs
          })

      const ask = <I>(rule: Rule<string, I, unknown, unknown>, input: I): Asked => {
        const encoded = rule.encodeInput(input)
        const key = nodeKey(rule, encoded.text)
        const known = nodes.get(key)
        if (known !== undefined) return known
        const label = rule.label(input)
        const cost = rule.kind === "action" ? rule.cost(input) : 0
        const node: Asked = {
          key,
          rule,
          label,
          cost,
          suspect: false,
          missed: false,
          input: encoded,
          waiters: undefined,
          outcome: undefined
        }
        nodes.add(node)
        return node
      }

      /** Puts what is not on its way yet on it, and waits until all have settled, whoever computes them. */
      const allSettled = (asker: Flight | undefined, rule: AnyRule, asked: ReadonlyArray<Asked>): Effect.Effect<void> =>
        Effect.suspend(() => {
          const countdown: Countdown = { left: 0, open: Deferred.unsafeMake(fiberId) }
          const starting: Array<Asked> = []
          // No other fiber gets a turn in this loop, so no node starts twice.
          for (const node of asked) {
            if (node.outcome !== undefined) continue
            if (node.waiters === undefined) starting.push(node)
            node.waiters ??= []
            node.waiters.push(countdown)
            countdown.left += 1
          }
          if (countdown.left === 0) return Effect.void
          // Actions share one queue. Plans wait for others, so each demand has a queue of its own: what it waits for is of rules
          // further down, and these never wait for it.
          const adding =
            rule.kind === "action"
              ? actions.add(asker?.order ?? 0, starting)
              : workQueue(widest, scope, settled).add(starting)
          return Effect.zipRight(adding, Deferred.await(countdown.open))
        })

      /** Computes and settles a node, whatever happens. */
      const settled = (node: Asked): Effect.Effect<void> =>
        Effect.suspend(() => {
          const flight = takeOff(node)
          return Effect.matchCause(computed(flight, node), {
            onFailure: (cause) => fail(flight, node, flight.fault ?? declared(node.rule, errorOf(cause))),
            onSuccess: (output) => settleAs(node, Either.right(output))
          })
        })

      const takeOff = ({ label, rule }: Asked): Flight => startFlight(rule, label, ++flights)

      const fail = (flight: Flight, node: Asked, error: unknown): void => {
        noteFailure(node.key, { flight, error })
        settleAs(node, Either.left(error))
      }

      const computed = (flight: Flight, node: Asked): Effect.Effect<unknown, unknown> => {
        const { label, rule } = flight
        if (options.dryRun === true && rule.kind === "action") {
          emit({ _tag: "WouldRun", rule: rule.name, label })
          return Effect.die(new EngineFault(EngineFailure.WouldRun({ node: nameOf(rule.name, label) })))
        }
        emit({ _tag: "Started", kind: rule.kind, rule: rule.name, label })
        const running: Effect.Effect<unknown, unknown, RuleServices> = rule.runEncoded(node.input.encoded)
        const body = Effect.flatMap(running, (made) => {
          const took = ownMs(flight)
          if (flight.fault !== undefined) return Effect.die(flight.fault)
          return Effect.suspend(() => results.keep(flight, node, jsonOf(made), took))
        })
        // The fiber is a worker's and does nothing else meanwhile, so it need not be given its old context back, which would cost
        // as much as a small node. All that a rule may ask for is in this one.
        return Effect.zipRight(
          FiberRef.set(FiberRef.currentContext, servicesOf(flight)),
          body as Effect.Effect<unknown, unknown>
        )
      }

      const noteFailure = (key: string, ended: FailedFlight): void => {
        failed.set(key, ended)
        const { label, rule } = ended.flight
        const obstacle = wouldRun(ended.error)
        if (obstacle === undefined) emit({ _tag: "Failed", rule: rule.name, label })
        else if (rule.kind === "plan") emit({ _tag: "Waits", rule: rule.name, label, for: obstacle })
      }

      const orLost = <A>(read: Effect.Effect<A, StoreError | BlobMissing>): Effect.Effect<A> =>
        read.pipe(
          Effect.catchTag("BlobMissing", ({ damaged, digest }) => {
            lost.set(digest, damaged ? "output-damaged" : "output-lost")
            return raise(new EngineFault(EngineFailure.BlobLost({ digest, damaged })))
          }),
          orEnd
        )
      const blobs: Context.Tag.Service<Blobs> = {
        read: (digest) => orLost(store.blob(digest)),
        lend: (digest, see) => orLost(store.lend?.(digest, see) ?? Effect.map(store.blob(digest), see)),
        write: (bytes) => orEnd(store.putBlob(bytes))
      }
      const services = Context.merge(
        yield* Effect.context<never>(),
        Context.make(Blobs, blobs).pipe(Context.add(ExternalFiles, options.files))
      )
      const servicesOf = (flight: Flight): Context.Context<never> => {
        const noted = Context.add(services, FaultNote, (fault) => {
          flight.fault ??= fault
        })
        return flight.rule.kind === "plan" ? Context.add(noted, demander<string>(), { demand: demand(flight) }) : noted
      }

      const { pool } = options
      const threads =
        pool === undefined || store.shared === undefined
          ? undefined
          : threadActions({
              pool,
              shared: store.shared,
              files: options.files,
              takeOff: (node, worker) => {
                emit({ _tag: "Started", kind: node.rule.kind, rule: node.rule.name, label: node.label, worker })
                return takeOff(node)
              },
              keep: (flight, node, output, took, worker) =>
                Effect.matchCause(
                  Effect.suspend(() => results.keep(flight, node, output, took, worker)),
                  {
                    onFailure: (cause) => fail(flight, node, errorOf(cause)),
                    onSuccess: (decoded) => settleAs(node, Either.right(decoded))
                  }
                ),
              fail,
              blobLost: (digest, damaged) => {
                lost.set(digest, damaged ? "output-damaged" : "output-lost")
                // Reading it here makes the store drop what is damaged.
                return Effect.ignore(store.blob(digest))
              },
              again: (nodes) => actions.add(0, nodes),
              orEnd
            })
      const actions = actionQueue({
        cpu: options.cpu,
        scope,
        here: settled,
        ...(threads === undefined ? {} : { threads: { ...threads, compute: orCrash(threads.compute) } })
      })

      const root = Effect.exit(demand(undefined)(rootRule, [rootInput]))
      const exit = yield* Effect.raceFirst(root, Deferred.await(broken))
      if (yield* Deferred.isDone(broken)) return yield* Deferred.await(broken)
      yield* store.flush
      return Exit.match(exit, {
        onSuccess: ([output]): Attempted<O> => ({ _tag: "Succeeded", output: output as O }), // one input, one output
        onFailure: (cause): Attempted<O> => {
          const failures = failuresBelow(options.root, failed)
          // The root's own label or schema may have thrown before there was a node.
          const unnamed = failed.size === 0 ? [{ node: rootRule.name, error: errorOf(cause), wantedBy: [] }] : failures
          return { _tag: "Failed", failures: unnamed }
        }
      })
    })
  )

/** What the engine provides to a rule's body. */
type RuleServices = Blobs | ExternalFiles | MayNeed<string>

/** What a node failed with; a fault where its rule did not declare it. */
const declared = (rule: AnyRule, error: unknown): unknown => {
  if (error instanceof EngineFault || rule.errors === null || Either.isRight(rule.errors.encode(error))) return error
  const cause = new TypeError(`it failed with what is not of its error schema: ${describeError(error)}`)
  return new EngineFault(EngineFailure.RuleCrashed({ cause }))
}

const awaited = <A>(asker: Flight | undefined, effect: Effect.Effect<A>): Effect.Effect<A> => {
  if (asker === undefined) return effect
  startWaiting(asker)
  return Effect.ensuring(
    effect,
    Effect.sync(() => stopWaiting(asker))
  )
}

const jsonOf = (output: unknown): string => {
  const text: string | undefined = JSON.stringify(output)
  if (text === undefined) throw new TypeError(`an output must have a JSON form; this one is ${typeof output}`)
  return text
}
