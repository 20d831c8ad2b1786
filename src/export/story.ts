import { Effect, Schema } from "effect"
import {
  Difference,
  Explanation,
  explain,
  FieldChange,
  type RunFailed,
  Store,
  type StoreError
} from "../../graph/index.ts"
import { DistRepo, InternalRepo } from "../../rules/index.ts"
import type { RepoKind } from "../hub/model.ts"
import { type ContentRequest, Source, type SourceError } from "../source/source.ts"
import { causeKinds, causeOf } from "./cause-of.ts"
import { type ComparedRepo, runLabel } from "./dist-repo.ts"
import { internalLabel } from "./internal-repo.ts"
import { internalOptionChanges, optionChanges } from "./option-changes.ts"

/** One build that came, went or changed, with the event that did it; null where no single event explains it. */
const ContentChange = Schema.Struct({
  ...Difference.fields,
  event: Schema.NullOr(Schema.Int),
  /** Unix seconds. */
  time: Schema.NullOr(Schema.Int),
  /** The tag that was changed; null too where a file was. */
  tag: Schema.NullOr(Schema.String),
  /** What happened at the event. */
  what: Schema.NullOr(Schema.Literal(...causeKinds))
})

/** What an export did and why. Versioned by `format`; its JSON schema is docs/explain.schema.json. */
export const RepoStory = Schema.Struct({
  format: Schema.Literal(1),
  tag: Schema.String,
  /** The new repo; null where none was made. */
  repo: Schema.NullOr(Schema.Int),
  /** The repo that it is compared with. */
  previous: Schema.NullOr(Schema.Int),
  /** What changed in the tag since the run that this one is compared with. */
  content: Schema.Array(ContentChange),
  /** What the request asks for otherwise than the one of that repo did. */
  options: Schema.Array(FieldChange),
  graph: Explanation
}).annotations({ identifier: "RepoStory" })
export type RepoStory = typeof RepoStory.Type

/** Tells the story of a finished or failed run of a tag's export, compared with the run that made an earlier repo. */
export const tellStory = (
  request: ContentRequest & { readonly tag: string },
  made: {
    readonly run: number
    readonly repo: number | null
    readonly previous: ComparedRepo | null
    readonly options: string
    readonly failed?: RunFailed<unknown>
  },
  kind: RepoKind = "dist"
): Effect.Effect<RepoStory, SourceError | StoreError, Source | Store> =>
  Effect.gen(function* () {
    const source = yield* Source
    const { failed, options, repo, previous, run } = made
    const store = yield* Store
    const before = previous === null ? undefined : yield* store.node(previous.root)
    const { changes, labelOf, root } = exports[kind]
    const graph = yield* explain(root, {
      label: labelOf(request.tag),
      run,
      baseline: before?.run ?? noRun,
      ...(failed === undefined ? {} : { failed })
    })
    const differences = graph.asked.flatMap((change) => (change.field === "snapshot" ? change.differences : []))
    // What is older was there for the baseline too.
    const baselineEvent = graph.asked.find(({ field }) => field === "stamp.event")?.before
    const causes =
      differences.length === 0 || baselineEvent === undefined
        ? []
        : yield* source.causes(request.tag, request, Number(baselineEvent))
    const content = differences.map((difference) => {
      const { event, tag, time, what } = causeOf(difference, causes) ?? noCause
      return { ...difference, event, time, tag, what }
    })
    return {
      format: 1,
      tag: request.tag,
      repo,
      previous: previous?.id ?? null,
      content,
      options: previous === null ? [] : changes(previous.options, options),
      graph
    }
  })

/** The root of each kind's graph, where the log finds its runs, and what differs between two requests. */
const exports = {
  dist: { root: DistRepo, labelOf: runLabel, changes: optionChanges },
  internal: { root: InternalRepo, labelOf: internalLabel, changes: internalOptionChanges }
} as const satisfies Readonly<Record<RepoKind, unknown>>

/** Another option of the request, for instance, is no event. */
const noCause = { event: null, time: null, tag: null, what: null }

/** With nothing to compare with, every step is new. */
const noRun = 0
