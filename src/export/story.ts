import { Effect, Schema } from "effect"
import {
  Difference,
  Explanation,
  explain,
  FieldChange,
  type RunFailed,
  type Store,
  type StoreError
} from "../../graph/index.ts"
import { DistRepo } from "../../rules/index.ts"
import { type ContentRequest, Source, type SourceError, type Tagging } from "../source/source.ts"
import { runLabel } from "./dist-repo.ts"

/** One build that came, went or changed, with the event that did it where a tagging did. */
const ContentChange = Schema.Struct({
  ...Difference.fields,
  event: Schema.NullOr(Schema.Int),
  /** Unix seconds. */
  time: Schema.NullOr(Schema.Int),
  /** The tag in which the build was tagged or untagged. */
  tag: Schema.NullOr(Schema.String)
})

/** What an export did and why. Versioned by `format`; its JSON schema is docs/explain.schema.json. */
export const DistRepoStory = Schema.Struct({
  format: Schema.Literal(1),
  tag: Schema.String,
  /** The new repo; null where none was made. */
  repo: Schema.NullOr(Schema.Int),
  /** The newest READY repo before. */
  previous: Schema.NullOr(Schema.Int),
  /** What changed in the tag since the run that this one is compared with. */
  content: Schema.Array(ContentChange),
  /** Options that changed since then. */
  options: Schema.Array(FieldChange),
  graph: Explanation
}).annotations({ identifier: "DistRepoStory" })
export type DistRepoStory = typeof DistRepoStory.Type

/** Tells the story of a finished or failed run of a tag's export, compared with the newest good one before it. */
export const tellStory = (
  request: ContentRequest & { readonly tag: string },
  made: {
    readonly run: number
    readonly repo: number | null
    readonly previous: number | null
    readonly failed?: RunFailed<unknown>
  }
): Effect.Effect<DistRepoStory, SourceError | StoreError, Source | Store> =>
  Effect.gen(function* () {
    const source = yield* Source
    const { failed, repo, previous, run } = made
    const graph = yield* explain(DistRepo, {
      label: runLabel(request.tag),
      run,
      ...(failed === undefined ? {} : { failed })
    })
    const root = graph.root?.outcome
    const changes = root?._tag === "Ran" && root.reason._tag === "InputChanged" ? root.reason.changes : []
    const differences = changes.flatMap((change) => (change.field === "snapshot" ? change.differences : []))
    // What is older was there for the baseline too, so something else, such as a block, is behind the difference.
    const baselineEvent = Number(changes.find(({ field }) => field === "stamp.event")?.before)
    const taggings: ReadonlyMap<string, Tagging> =
      differences.length === 0 ? new Map() : yield* source.taggings(request.tag, request)
    const content = differences.map((difference) => {
      const tagging = [difference.before, difference.after]
        .flatMap((words) => taggings.get(buildOf(words)) ?? [])
        .filter(({ event }) => event > baselineEvent)
        .reduce<Tagging | undefined>((newest, each) => (newest && newest.event > each.event ? newest : each), undefined)
      return {
        ...difference,
        event: tagging?.event ?? null,
        time: tagging?.time ?? null,
        tag: tagging?.tag ?? null
      }
    })
    return {
      format: 1,
      tag: request.tag,
      repo,
      previous,
      content,
      options: changes.filter(({ field }) => field !== "snapshot" && !field.startsWith("stamp")),
      graph
    }
  })

/** A difference's words start with the N-V-R. */
const buildOf = (words: string | undefined): string => words?.split(" ")[0] ?? ""
