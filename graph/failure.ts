import { Cause, Context, Data, Effect, Option } from "effect"
import type { Digest } from "./digest.ts"

/**
 * What stops a node for a reason outside its input: an accident. No rule can catch it and nothing of it is stored.
 *
 * - `BlobLost`: the store has no such blob, or its bytes are not what the digest says.
 * - `StoreUnusable`: the store cannot be read or written (permissions, a full disk). It ends the run.
 * - `Accident`: anything else outside: an unreadable file, a missing tool.
 * - `RuleCrashed`: the rule's code threw: a bug in the rule.
 * - `WouldRun`: not a failure: in a dry run, an action that a real run would start.
 */
export type EngineFailure = Data.TaggedEnum<{
  BlobLost: { readonly digest: Digest; readonly damaged: boolean }
  StoreUnusable: { readonly reason: string }
  Accident: { readonly reason: string }
  RuleCrashed: { readonly cause: unknown }
  WouldRun: { readonly node: string }
}>
export const EngineFailure = Data.taggedEnum<EngineFailure>()

/** Carries an engine failure past the rules, outside their error channel. */
export class EngineFault extends Error {
  readonly _tag = "EngineFault"
  readonly failure: EngineFailure
  constructor(failure: EngineFailure) {
    super(describeFailure(failure))
    this.name = "EngineFault"
    this.failure = failure
  }
}

/** Notes the faults of the running node. Provided by the engine, so that code which swallows a fault saves nothing. */
export class FaultNote extends Context.Tag("graph/FaultNote")<FaultNote, (fault: EngineFault) => void>() {}

/** Stops the running node with a fault, whatever the code around it does to recover. */
export const raise = (fault: EngineFault): Effect.Effect<never> =>
  Effect.contextWithEffect((context: Context.Context<never>) => {
    Option.map(Context.getOption(context, FaultNote), (note) => note(fault))
    return Effect.die(fault)
  })

/** Stops the running node for a reason outside its input, such as a file that cannot be read. */
export const accident = (reason: string): Effect.Effect<never> =>
  Effect.suspend(() => raise(new EngineFault(EngineFailure.Accident({ reason }))))

/** The rule's own error, an engine fault, or a fault made of what the rule threw. */
export const errorOf = (cause: Cause.Cause<unknown>): unknown => {
  const failed = Cause.failureOption(cause)
  if (Option.isSome(failed)) return failed.value
  const thrown = Option.getOrElse(Cause.dieOption(cause), () => Cause.squash(cause))
  return thrown instanceof EngineFault ? thrown : new EngineFault(EngineFailure.RuleCrashed({ cause: thrown }))
}

/** One sentence for people. */
export const describeFailure: (failure: EngineFailure) => string = EngineFailure.$match({
  BlobLost: ({ damaged, digest }) =>
    damaged ? `the stored blob ${digest} was damaged` : `the blob ${digest} is no longer in the store`,
  StoreUnusable: ({ reason }) => `the store cannot be used: ${reason}`,
  Accident: ({ reason }) => reason,
  RuleCrashed: ({ cause }) =>
    `the rule crashed, which is a bug: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`,
  WouldRun: ({ node }) => `${node} would run`
})

/** A node that failed by itself (not because of another node), with the demands that led to it, nearest first. */
export interface NodeFailure<E = unknown> {
  readonly node: string
  readonly error: E | EngineFault
  readonly wantedBy: ReadonlyArray<string>
}

/** A run that failed. Each failed node is named once, in the order of demand; independent nodes went on to the end and are kept. */
export class RunFailed<E> extends Data.TaggedError("RunFailed")<{
  readonly run: number
  readonly failures: ReadonlyArray<NodeFailure<E>>
}> {
  override get message(): string {
    return this.failures.map(describeNodeFailure).join("\n")
  }
}

/** What went wrong in a node, in words: its error's message, or the error as JSON where it has none. */
export const describeError = (error: unknown): string =>
  error instanceof Error ? error.message : typeof error === "string" ? error : (JSON.stringify(error) ?? String(error))

const describeNodeFailure = ({ error, node, wantedBy }: NodeFailure): string =>
  `${node}: ${describeError(error)}${wantedBy.map((parent) => `\n  wanted by ${parent}`).join("")}`
