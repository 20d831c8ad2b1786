import { Cause, Clock, Effect, Schema } from "effect"
import type { RunFailed } from "../../../graph/index.ts"
import { RepoStory } from "../../export/story.ts"
import { Output } from "../frame/output.ts"
import { explainText } from "./explain-text.ts"
import { ExportFailed } from "./export-failure.ts"

/** Whether a person asked why, and how much of the answer is wanted. */
export interface ExplainArgs {
  readonly explain: boolean
  readonly explainAll: boolean
  readonly json: boolean
}

/** A story as lines for people, and as the data of a report. */
interface Explained {
  readonly lines: ReadonlyArray<string>
  readonly data: typeof RepoStory.Encoded | null
}

/** The story, where it was asked for. What was done stays done though it cannot be told. */
export const explained = <E, R>(args: ExplainArgs, telling: Effect.Effect<RepoStory, E, R>) =>
  Effect.gen(function* () {
    if (!args.explain && !args.explainAll) return nothingTold
    const { warn, width } = yield* Output
    const story = yield* Effect.catchAllCause(telling, (cause) =>
      Effect.as(warn(`the story cannot be told: ${Cause.pretty(cause)}`), null)
    )
    if (story === null) return nothingTold
    const now = yield* Clock.currentTimeMillis
    return {
      lines: explainText(story, { width, everything: args.explainAll, now }),
      data: Schema.encodeSync(RepoStory)(story)
    } satisfies Explained
  })

/** With `--explain` also tells what the failed run did, and what it could not do because of the failure. */
export const explainFailure = <E, R>(
  args: ExplainArgs,
  tag: string,
  { failures }: RunFailed<Error>,
  telling: Effect.Effect<RepoStory, E, R>
) =>
  Effect.gen(function* () {
    const output = yield* Output
    const { data, lines } = yield* explained(args, telling)
    if (data !== null && !args.json) yield* output.talk(...lines, "")
    return yield* new ExportFailed({ tag, failures, story: data })
  })

const nothingTold: Explained = { lines: [], data: null }
