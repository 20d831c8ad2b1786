import { Schema } from "effect"
import { Difference } from "./blob-codec.ts"

/** One field of an input that is not what it was. `before` and `after` are JSON, absent where the field was. */
export const FieldChange = Schema.Struct({
  /** Where in the input, such as `options.arch` or `groups[3]`. */
  field: Schema.String,
  before: Schema.optional(Schema.String),
  after: Schema.optional(Schema.String),
  /** In the field's own words, where its codec can tell. */
  differences: Schema.Array(Difference),
  /** The node of this run that made the new value. */
  producedBy: Schema.optional(Schema.String)
})
export type FieldChange = typeof FieldChange.Type

/** A number or name that was one and is another. */
const Moved = Schema.Struct({ name: Schema.String, before: Schema.String, after: Schema.String })

/** Why a node ran. */
export const Reason = Schema.Union(
  /** The baseline has no node in this slot. */
  Schema.TaggedStruct("NeverBuilt", {}),
  Schema.TaggedStruct("InputChanged", { changes: Schema.Array(FieldChange) }),
  Schema.TaggedStruct("RuleChanged", { before: Schema.Int, after: Schema.Int }),
  /** A rule that it may ask for is another. */
  Schema.TaggedStruct("NeededRuleChanged", { rules: Schema.Array(Schema.String) }),
  Schema.TaggedStruct("ToolChanged", { tools: Schema.Array(Moved) }),
  /** The result was known, but it or a blob that it names was gone. */
  Schema.TaggedStruct("OutputLost", {}),
  /** The result was known, but it or a blob that it names was no longer what was stored. */
  Schema.TaggedStruct("OutputDamaged", {}),
  /** The result was known, but its schema has changed since. */
  Schema.TaggedStruct("OutputUnreadable", {}),
  Schema.TaggedStruct("Forced", {})
)
export type Reason = typeof Reason.Type

/** What became of a node in a run. */
export const Outcome = Schema.Union(
  Schema.TaggedStruct("Ran", { reason: Reason, ownMs: Schema.Number }),
  /** Taken from the store; `run` computed it. */
  Schema.TaggedStruct("Hit", { run: Schema.Int }),
  /** A hit although what makes its input ran again: the same bytes came out. */
  Schema.TaggedStruct("CutOff", { run: Schema.Int, producers: Schema.Array(Schema.String) })
)
export type Outcome = typeof Outcome.Type

/** A node of a run with what it asked for. What a hit spared below it is not walked. */
export interface NodeStory {
  readonly rule: string
  readonly label: string
  readonly key: string
  readonly outcome: Outcome
  /** True where the node was told already, under another asker; its children are there. */
  readonly toldBefore: boolean
  readonly children: ReadonlyArray<NodeStory>
}
export const NodeStory = Schema.Struct({
  rule: Schema.String,
  label: Schema.String,
  key: Schema.String,
  outcome: Outcome,
  toldBefore: Schema.Boolean,
  children: Schema.Array(Schema.suspend((): Schema.Schema<NodeStory> => NodeStory))
}).annotations({ identifier: "NodeStory" })

/** A run as the log has it. */
const RunIdentity = Schema.Struct({ id: Schema.Int, started: Schema.Int })

/** The story of a run, compared with an earlier one of the same label. Versioned by `format`. */
export const Explanation = Schema.Struct({
  format: Schema.Literal(1),
  label: Schema.String,
  run: RunIdentity,
  /** The run it is compared with; null where there is none yet. */
  baseline: Schema.NullOr(RunIdentity),
  /** How what was asked for differs from what the baseline was asked for, whether anything had to run for it or not. */
  asked: Schema.Array(FieldChange),
  /** Null where the run failed. */
  root: Schema.NullOr(NodeStory),
  failed: Schema.Array(
    Schema.Struct({ node: Schema.String, message: Schema.String, upstreamFailed: Schema.Array(Schema.String) })
  ),
  /** How many nodes of each rule ran, with the sum of their own times. Of a failed run, those that finished. */
  ran: Schema.Array(Schema.Struct({ rule: Schema.String, nodes: Schema.Int, ownMs: Schema.Number })),
  /** How many results of each rule were taken as they were by the nodes that ran. */
  reused: Schema.Array(Schema.Struct({ rule: Schema.String, nodes: Schema.Int })),
  /** What the reused results once took to compute, each node once. A lower bound where `savedIsPartial`. */
  savedMs: Schema.Number,
  savedIsPartial: Schema.Boolean
})
export type Explanation = typeof Explanation.Type
