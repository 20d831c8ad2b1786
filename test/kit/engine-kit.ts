import { Cause, Effect, Exit } from "effect"
import { vi } from "vitest"
import {
  type AnyRule,
  accident,
  type BlobCodec,
  type Digest,
  type DigestOf,
  describeFileProblem,
  type Evaluated,
  type EvaluateOptions,
  type Explanation,
  ExternalFiles,
  emptyContents,
  evaluate,
  explain,
  externalFiles,
  type FileProblem,
  type Rule,
  type RunEvent,
  RunFailed,
  Store,
  type StoreApi,
  StoreError
} from "../../graph/index.ts"
import { shuffledScheduler } from "./engine-scheduler.ts"
import { type OpenStore, openMemory } from "./engine-stores.ts"

export interface KitOptions {
  /** Absent: a fresh store in memory. */
  readonly opened?: OpenStore
  /** The path of an external file. Absent: there are none. */
  readonly path?: (digest: Digest) => string | undefined
  /** Words what is wrong with an external file. */
  readonly describe?: (problem: FileProblem) => string
}

export type WantOptions = Partial<EvaluateOptions> & { readonly seed?: number }

/** An engine for the tests of rules: evaluates, tells what ran and why, and does harm to the store on demand. */
export const engineKit = ({
  describe = describeFileProblem,
  opened = openMemory(),
  path = () => undefined
}: KitOptions = {}) => {
  const given = new Map<Digest, Uint8Array>()
  const events: Array<RunEvent> = []
  let latest: { readonly rule: AnyRule; readonly label: string; readonly run: number } | undefined
  let failed: RunFailed<unknown> | undefined
  let writesLeft = Number.POSITIVE_INFINITY

  const services = <A, E>(effect: Effect.Effect<A, E, Store | ExternalFiles>): Effect.Effect<A, E> =>
    effect.pipe(
      Effect.provideService(
        Store,
        crashing(opened.store, () => (writesLeft -= 1))
      ),
      Effect.provideService(
        ExternalFiles,
        externalFiles(
          (digests) =>
            Effect.forEach(digests, (digest) => {
              const found = path(digest)
              return found === undefined ? accident(`no source names the file ${digest}`) : Effect.succeed(found)
            }),
          describe
        )
      )
    )

  const outcome = async <I, O, E>(
    rule: Rule<string, I, O, E>,
    input: I,
    { seed, ...options }: WantOptions = {}
  ): Promise<Exit.Exit<Evaluated<O>, RunFailed<E> | StoreError>> => {
    const label = options.label ?? rule.name
    const onEvent = (event: RunEvent): void => {
      events.push(event)
      options.onEvent?.(event)
    }
    const evaluated = services(evaluate(rule, input, { cpu: 2, ...options, label, onEvent }))
    const exit = await Effect.runPromiseExit(
      seed === undefined ? evaluated : Effect.withScheduler(evaluated, shuffledScheduler(seed))
    )
    const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
    failed = error instanceof RunFailed ? error : undefined
    const run = Exit.isSuccess(exit) ? exit.value.run : failed?.run
    if (run !== undefined) latest = { rule, label, run }
    return exit
  }

  const evaluated = async <I, O, E>(
    rule: Rule<string, I, O, E>,
    input: I,
    options?: WantOptions
  ): Promise<Evaluated<O>> => {
    const exit = await outcome(rule, input, options)
    if (Exit.isSuccess(exit)) return exit.value
    throw Cause.squash(exit.cause)
  }

  return {
    /** Stores a value that the source would have stored before the graph starts. */
    give: <A>(codec: BlobCodec<A>, value: A): DigestOf<A> => {
      const bytes = codec.encode(value)
      const digest = Effect.runSync(opened.store.putBlob(bytes))
      given.set(digest, bytes)
      return digest as DigestOf<A> // the codec made these bytes
    },
    read: <A>(codec: BlobCodec<A>, digest: DigestOf<A>): A => codec.decode(Effect.runSync(opened.store.blob(digest))),
    outcome,
    evaluated,
    /** The rule's output; throws what the run failed with. */
    want: async <I, O, E>(rule: Rule<string, I, O, E>, input: I, options?: WantOptions): Promise<O> =>
      (await evaluated(rule, input, options)).output,
    /** The failure of a run that is meant to fail. */
    failure: async <I, O, E>(rule: Rule<string, I, O, E>, input: I, options?: WantOptions): Promise<RunFailed<E>> => {
      const exit = await outcome(rule, input, options)
      if (Exit.isSuccess(exit)) throw new Error(`${rule.name} was meant to fail and gave ${JSON.stringify(exit.value)}`)
      const error = Cause.squash(exit.cause)
      if (error instanceof RunFailed) return error
      throw error
    },
    /** What was computed since the last call: names and labels, sorted. */
    ran: (): ReadonlyArray<string> =>
      events
        .splice(0)
        .flatMap((event) => (event._tag === "Finished" ? `${event.rule} ${event.label}`.trimEnd() : []))
        .sort(),
    /** All that was told since the last call of this or of `ran`. */
    events: (): ReadonlyArray<RunEvent> => events.splice(0),
    /** The story of the latest run, compared with the last good one before it or with `baseline`. */
    explain: async (baseline?: number): Promise<Explanation> => {
      if (latest === undefined) throw new Error("nothing has run yet")
      const { label, rule, run } = latest
      const request = { label, run, ...(baseline === undefined ? {} : { baseline }), ...(failed && { failed }) }
      return Effect.runPromise(services(explain(rule, request)))
    },
    /** The story of an earlier run. */
    explainRun: (rule: AnyRule, run: number, label = rule.name): Promise<Explanation> =>
      Effect.runPromise(services(explain(rule, { label, run }))),
    /** Two cold runs, scheduled otherwise and at another time, must give the same result for every node. Returns the output. */
    deterministic: async <I, O, E>(rule: Rule<string, I, O, E>, input: I, seed?: number): Promise<O> =>
      deterministic(given, path, rule, input, seed ?? Math.trunc(Math.random() * 2 ** 31)),
    evict: (digest: Digest): void => opened.evict(digest),
    corrupt: (digest: Digest): void => opened.corrupt(digest),
    /** The next run of this rule fails: with an error of its own, or with an accident. */
    failOnce: (rule: AnyRule, error: unknown): void => {
      vi.spyOn(rule, "runEncoded").mockImplementationOnce(() => Effect.fail(error))
    },
    /** After so many writes every other fails, as if the process were gone. {@link revive} starts it again. */
    crashAfter: (writes: number): void => {
      writesLeft = writes
    },
    revive: (): void => {
      writesLeft = Number.POSITIVE_INFINITY
    },
    store: opened.store,
    close: opened.close
  }
}

/** Passes calls on until `spend` says that no write is left. */
const crashing = (store: StoreApi, spend: () => number): StoreApi => {
  const write = <A>(effect: Effect.Effect<A, StoreError>): Effect.Effect<A, StoreError> =>
    Effect.suspend(() =>
      spend() < 0 ? Effect.fail(new StoreError({ store: "under test", reason: "it crashed" })) : effect
    )
  return {
    ...store,
    putNode: (node) => write(store.putNode(node)),
    putBlob: (bytes) => write(store.putBlob(bytes)),
    finishRun: (id, end) => write(store.finishRun(id, end))
  }
}

const deterministic = async <I, O, E>(
  given: ReadonlyMap<Digest, Uint8Array>,
  path: NonNullable<KitOptions["path"]>,
  rule: Rule<string, I, O, E>,
  input: I,
  seed: number
): Promise<O> => {
  const cold = async (seed: number, time: number) => {
    const contents = { ...emptyContents(), blobs: new Map(given) }
    vi.useFakeTimers({ toFake: ["Date"], now: time })
    try {
      const output = await engineKit({ opened: openMemory(contents), path }).want(rule, input, { seed })
      return { output, contents }
    } finally {
      vi.useRealTimers()
    }
  }
  const one = await cold(seed, Date.UTC(2001, 1, 3, 4, 5, 6))
  const other = await cold(seed + 1, Date.UTC(2040, 11, 30, 23, 59, 59))
  const hint = `in two cold runs (seed ${seed})`
  for (const [key, node] of one.contents.nodes) {
    const again = other.contents.nodes.get(key)
    if (again === undefined) throw new Error(`${node.rule.name} ${node.input} was computed only once ${hint}`)
    if (again.output !== node.output) {
      throw new Error(`${node.rule.name} ${node.input} gave ${node.output} and ${again.output} ${hint}`)
    }
  }
  if (one.contents.nodes.size !== other.contents.nodes.size) throw new Error(`other nodes were computed ${hint}`)
  return one.output
}
