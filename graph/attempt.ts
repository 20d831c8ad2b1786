import { Context, Deferred, Effect, Either, Exit, identity } from "effect"
import { Blobs, ExternalFiles } from "./blobs.ts"
import { canonicalJson } from "./canonical.ts"
import { closureOf } from "./closure.ts"
import { crewOf } from "./crew.ts"
import type { Digest } from "./digest.ts"
import type { RunEvent } from "./events.ts"
import { EngineFailure, EngineFault, errorOf, FaultNote, type NodeFailure, raise } from "./failure.ts"
import {
  type Crash,
  type Flight,
  failuresBelow,
  nameOf,
  ownMs,
  startWaiting,
  stopWaiting,
  takeOff,
  wouldRun
} from "./flight.ts"
import { nodeKey, ruleRecord } from "./key.ts"
import { type AnyRule, type Demander, demander, type MayNeed, type Rule } from "./rule.ts"
import type { Hit, Rerun, StoreApi, StoreError } from "./store.ts"

export type Attempted<O> =
  | { readonly _tag: "Succeeded"; readonly output: O }
  | { readonly _tag: "Failed"; readonly failures: ReadonlyArray<NodeFailure> }

export interface AttemptOptions {
  readonly run: number
  /** The root's node key. */
  readonly root: string
  readonly cpu: number
  readonly onEvent?: (event: RunEvent) => void
  readonly force?: ReadonlySet<string>
  readonly dryRun?: boolean
  /** Take a result from the store only where all that it names is still there. */
  readonly repair: boolean
  /** What was found missing, and how: filled by one attempt, read by the next. */
  readonly lost: Map<Digest, Rerun>
  readonly store: StoreApi
  readonly files: Context.Tag.Service<ExternalFiles>
}

/** So many plans of one demand are on their way at a time: enough to keep every core busy, few enough to stay small. */
const widest = 32

interface Asked {
  readonly encoded: unknown
  readonly text: string
  readonly key: string
  readonly label: string
}

/** A node that waits for its turn. */
interface Boarding {
  readonly rule: AnyRule
  readonly asked: Asked
  readonly landing: Deferred.Deferred<void>
}

/** A node's output, or the very error it failed with. */
type Settled = Either.Either<unknown, unknown>

/** One pass over the graph, from the root demand down. A store that cannot be used ends it at once. */
export const attempt = <I, O, E>(
  rootRule: Rule<string, I, O, E>,
  rootInput: I,
  options: AttemptOptions
): Effect.Effect<Attempted<O>, StoreError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { lost, run, store } = options
      const scope = yield* Effect.scope
      const fiberId = yield* Effect.fiberId
      const broken = yield* Deferred.make<never, StoreError>()
      const emit = (event: RunEvent): void => {
        try {
          options.onEvent?.(event)
        } catch (cause) {
          Deferred.unsafeDone(broken, Exit.die(cause)) // the listener's bug, which ends the run
        }
      }
      const settled = new Map<string, Settled>()
      const flying = new Map<string, Deferred.Deferred<void>>()
      const crashes = new Map<string, Crash>()
      const reruns = new Map<string, Rerun>()
      const closure = closureOf(store)
      const actions = crewOf(options.cpu, scope, (boarding: Boarding) => fly(boarding))

      const orEnd = <A>(effect: Effect.Effect<A, StoreError>): Effect.Effect<A> =>
        Effect.catchAll(effect, (error) =>
          Effect.zipRight(
            Deferred.fail(broken, error),
            raise(new EngineFault(EngineFailure.StoreUnusable({ reason: error.reason })))
          )
        )

      const demand =
        (asker: Flight | undefined): Demander["demand"] =>
        <I, O, E>(rule: Rule<string, I, O, E>, inputs: ReadonlyArray<I>) =>
          Effect.gen(function* () {
            const asked = inputs.map((input) => ask(rule, input))
            if (asker !== undefined) {
              for (const { key, label } of asked) asker.demands.push({ rule: rule.name, label, key })
            }
            yield* takeHits(rule, asked)
            if (asked.some(({ key }) => !settled.has(key))) yield* awaited(asker, flyAll(rule, asked))
            const outputs: Array<O> = []
            for (const { key } of asked) {
              const outcome = settled.get(key)
              if (outcome === undefined) return yield* Effect.dieMessage(`the node ${rule.name} ${key} never landed`)
              if (Either.isLeft(outcome)) {
                asker?.handed.add(outcome.left)
                // the key names the rule, so only this rule's errors and outputs are under it
                return yield* outcome.left instanceof EngineFault ? raise(outcome.left) : Effect.fail(outcome.left as E)
              }
              outputs.push(outcome.right as O) // likewise
            }
            return outputs
          })

      const takeHits = (rule: AnyRule, asked: ReadonlyArray<Asked>): Effect.Effect<void> =>
        Effect.gen(function* () {
          if (options.force?.has(rule.name) === true) return
          const unknown = unsettled(asked)
          if (unknown.length === 0) return
          const hits = yield* orEnd(store.lookup(unknown))
          let taken = 0
          for (const [index, key] of unknown.entries()) {
            const hit = hits[index]
            if (hit === undefined) continue
            const decoded = Either.flatMap(parsed(hit.output), rule.decodeOutput)
            const fault = Either.isLeft(decoded) ? "output-unreadable" : options.repair ? yield* loss(rule, hit) : null
            if (fault !== null) {
              reruns.set(key, fault)
              continue
            }
            settled.set(key, decoded)
            taken += 1
          }
          if (taken > 0) emit({ _tag: "Hits", rule: rule.name, count: taken })
        })

      const unsettled = (asked: ReadonlyArray<Asked>): ReadonlyArray<string> => {
        const keys = new Set<string>()
        for (const { key } of asked) if (!settled.has(key) && !flying.has(key)) keys.add(key)
        return [...keys]
      }

      /** What is wrong with a result of which the store no longer has every blob. */
      const loss = (rule: AnyRule, { output }: Hit): Effect.Effect<Rerun | null> =>
        Effect.map(orEnd(closure.firstMissing(rule.output, JSON.parse(output))), (gone) => {
          if (gone === undefined) return null
          return gone.damaged ? "output-damaged" : (lost.get(gone.digest) ?? "output-lost")
        })

      /** Puts what is not settled on its way and waits until it has landed, whoever flies it. */
      const flyAll = (rule: AnyRule, nodes: ReadonlyArray<Asked>): Effect.Effect<void> =>
        Effect.gen(function* () {
          const boarding: Array<Boarding> = []
          const landings: Array<Deferred.Deferred<void>> = []
          // No other fiber gets a turn in this loop, so no node takes off twice.
          for (const asked of nodes) {
            if (settled.has(asked.key)) continue
            const inFlight = flying.get(asked.key)
            const landing = inFlight ?? Deferred.unsafeMake<void>(fiberId)
            landings.push(landing)
            if (inFlight !== undefined) continue
            flying.set(asked.key, landing)
            boarding.push({ rule, asked, landing })
          }
          // Actions share one crew, as many as may compute. Plans wait for others, so each demand has a crew of its own: what it
          // waits for is of rules further down, and these never wait for it.
          const crew = rule.kind === "action" ? actions : crewOf(widest, scope, fly)
          yield* crew.add(boarding)
          for (const landing of landings) yield* Deferred.await(landing)
        })

      /** Computes and settles a node, whatever happens. */
      const fly = ({ asked, landing, rule }: Boarding): Effect.Effect<void> =>
        Effect.suspend(() => {
          const { key, label } = asked
          const flight = takeOff(rule, label)
          const land = (outcome: Settled): void => {
            settled.set(key, outcome)
            flying.delete(key)
            if (Either.isLeft(outcome)) noteCrash(key, { flight, error: outcome.left })
            Deferred.unsafeDone(landing, Exit.void)
          }
          return Effect.matchCause(compute(flight, asked), {
            onFailure: (cause) => land(Either.left(errorOf(cause))),
            onSuccess: (output) => land(Either.right(output))
          })
        })

      const compute = (flight: Flight, asked: Asked): Effect.Effect<unknown, unknown> =>
        Effect.gen(function* () {
          const { label, rule } = flight
          if (options.dryRun === true && rule.kind === "action") {
            emit({ _tag: "WouldRun", rule: rule.name, label })
            return yield* Effect.die(new EngineFault(EngineFailure.WouldRun({ node: nameOf(rule.name, label) })))
          }
          emit({ _tag: "Started", kind: rule.kind, rule: rule.name, label })
          const exit = yield* Effect.exit(Effect.provide(rule.runEncoded(asked.encoded), servicesOf(flight)))
          const took = ownMs(flight)
          if (flight.fault !== undefined) return yield* Effect.die(flight.fault)
          const output = jsonOf(yield* exit)
          // Decoded from its text, so that whoever asked sees what a later hit will give.
          const decoded = Either.getOrThrowWith(rule.decodeOutput(JSON.parse(output)), identity)
          const rerun = yield* rerunOf(rule, asked.key)
          yield* orEnd(
            store.putNode({
              key: asked.key,
              rule: ruleRecord(rule),
              input: asked.text,
              output,
              demands: flight.demands,
              run,
              ownMs: took,
              rerun
            })
          )
          emit({ _tag: "Finished", kind: rule.kind, rule: rule.name, label, ownMs: took })
          return decoded
        })

      const rerunOf = (rule: AnyRule, key: string): Effect.Effect<Rerun | null> =>
        options.force?.has(rule.name) === true
          ? Effect.map(orEnd(store.lookup([key])), ([known]) => (known === undefined ? null : "forced"))
          : Effect.succeed(reruns.get(key) ?? null)

      const noteCrash = (key: string, crash: Crash): void => {
        crashes.set(key, crash)
        const { label, rule } = crash.flight
        const obstacle = wouldRun(crash.error)
        if (obstacle === undefined) emit({ _tag: "Failed", rule: rule.name, label })
        else if (rule.kind === "plan") emit({ _tag: "Waits", rule: rule.name, label, for: obstacle })
      }

      const blobs: Context.Tag.Service<Blobs> = {
        read: (digest) =>
          store.blob(digest).pipe(
            Effect.catchTag("BlobMissing", ({ damaged }) => {
              lost.set(digest, damaged ? "output-damaged" : "output-lost")
              return raise(new EngineFault(EngineFailure.BlobLost({ digest, damaged })))
            }),
            orEnd
          ),
        write: (bytes) => orEnd(store.putBlob(bytes))
      }
      const services = Context.make(Blobs, blobs).pipe(Context.add(ExternalFiles, options.files))
      const servicesOf = (flight: Flight) => {
        const noted = Context.add(services, FaultNote, (fault) => {
          flight.fault ??= fault
        })
        // Only plans ask, and the types of actions say so.
        return flight.rule.kind === "plan"
          ? Context.add(noted, demander<string>(), { demand: demand(flight) })
          : (noted as Context.Context<ServicesOfRules>)
      }

      const root = Effect.exit(demand(undefined)(rootRule, [rootInput]))
      const exit = yield* Effect.raceFirst(root, Deferred.await(broken))
      if (yield* Deferred.isDone(broken)) return yield* Deferred.await(broken)
      yield* store.flush
      return Exit.match(exit, {
        onSuccess: ([output]): Attempted<O> => ({ _tag: "Succeeded", output: output as O }), // one input, one output
        onFailure: (cause): Attempted<O> => {
          const failures = failuresBelow(options.root, crashes)
          // The root's own label or schema may have thrown before there was a node.
          const unnamed = crashes.size === 0 ? [{ node: rootRule.name, error: errorOf(cause), wantedBy: [] }] : failures
          return { _tag: "Failed", failures: unnamed }
        }
      })
    })
  )

type ServicesOfRules = Blobs | ExternalFiles | FaultNote | MayNeed<string>

const ask = <I>(rule: Rule<string, I, unknown, unknown>, input: I): Asked => {
  const encoded = rule.encodeInput(input)
  const text = canonicalJson(encoded)
  return { encoded, text, key: nodeKey(rule, text), label: rule.label(input) }
}

const awaited = <A>(asker: Flight | undefined, effect: Effect.Effect<A>): Effect.Effect<A> => {
  if (asker === undefined) return effect
  startWaiting(asker)
  return Effect.ensuring(
    effect,
    Effect.sync(() => stopWaiting(asker))
  )
}

const parsed = (json: string): Either.Either<unknown, unknown> => Either.try((): unknown => JSON.parse(json))

const jsonOf = (output: unknown): string => {
  const text: string | undefined = JSON.stringify(output)
  if (text === undefined) throw new TypeError(`an output must have a JSON form; this one is ${typeof output}`)
  return text
}
