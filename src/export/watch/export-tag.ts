import { Cause, Clock, Effect } from "effect"
import type { Store } from "../../../graph/index.ts"
import type { UnusableContent } from "../../../rules/index.ts"
import type { Hub } from "../../hub/hub.ts"
import { repairLatest } from "../../publish/publish-repo.ts"
import type { Source, SourceError } from "../../source/source.ts"
import { TagFeed } from "../../source/tag-feed.ts"
import { type DistRepoError, type DistRepoResult, distRepo, type ExportEvent } from "../dist-repo.ts"
import { writeCopies } from "../missing-copies.ts"
import type { DistRepoRequest } from "../request.ts"
import { type Assessment, assess } from "./assess.ts"

/** What came of a watched tag when its turn had come. */
export type TagOutcome =
  /** The newest repo has the tag's content. */
  | Pick<Extract<Assessment, { _tag: "UpToDate" }>, "_tag" | "repo">
  | DistRepoResult
  /** Signatures are missing, which may still come. */
  | { readonly _tag: "Waiting"; readonly problem: UnusableContent; readonly patience: Patience }
  /** Something is wrong with the content; until the tag or its signatures change nothing can be done. `patience` has ended; null where signatures are not the problem. */
  | { readonly _tag: "Refused"; readonly problem: UnusableContent; readonly patience: Patience | null }
  /** It may go better another time. */
  | { readonly _tag: "Failed"; readonly error: { readonly _tag: string; readonly message: string } }

/** How long missing signatures are waited for. Unix times in milliseconds. */
export interface Patience {
  /** When the first of the rpms came into the tag that lack one. */
  readonly since: number
  readonly until: number
}

export interface ExportTold {
  readonly onEvent: (event: ExportEvent) => void
  /** Told the event of the content that was read, once it is known what comes of it. */
  readonly onRead: (event: number) => void
}

/**
 * Exports a tag if its newest repo of the same options has other content. Signatures that are missing are waited for until `patience`
 * milliseconds after the first of their rpms came into the tag, which is so whoever asks, and when: nothing is remembered. Whatever goes
 * wrong is an outcome, so that other tags are not concerned; interruption alone is not.
 */
export const exportTag = (
  request: DistRepoRequest,
  patience: number,
  told: ExportTold
): Effect.Effect<TagOutcome, never, Hub | Source | Store | TagFeed> =>
  Effect.gen(function* () {
    const assessment = yield* assessed(request, told)
    told.onRead(assessment.event)
    if (assessment._tag === "UpToDate") {
      yield* repairLatest(request.tag)
      return { _tag: "UpToDate", repo: assessment.repo } satisfies TagOutcome
    }
    if (assessment.problem !== null) return yield* hindrance(request, assessment.problem, patience)
    return yield* distRepo(request, told.onEvent)
  }).pipe(
    Effect.catchAllCause((cause) =>
      Cause.isInterrupted(cause) ? Effect.interrupt : Effect.succeed({ _tag: "Failed", error: errorOf(cause) } as const)
    )
  )

/** With signed copies written where nothing but them is missing. */
const assessed = (request: DistRepoRequest, { onEvent }: ExportTold) =>
  Effect.gen(function* () {
    const assessment = yield* assess(request)
    const missing = assessment._tag === "Due" && assessment.problem !== null ? assessment.problem.missingFiles : []
    if (missing.length === 0) return assessment
    yield* writeCopies(missing, (sigkey, copies) => onEvent({ _tag: "WroteSignedCopies", sigkey, copies }))
    return yield* assess(request)
  })

/** What there is to do about content that cannot be exported: to wait, or nothing. */
export const hindrance = (
  { inherit, tag }: Pick<DistRepoRequest, "inherit" | "tag">,
  problem: UnusableContent,
  patience: number
): Effect.Effect<Extract<TagOutcome, { readonly _tag: "Waiting" | "Refused" }>, SourceError, TagFeed> =>
  Effect.gen(function* () {
    if (problem.unsigned.length === 0) return { _tag: "Refused", problem, patience: null }
    const feed = yield* TagFeed
    const now = yield* Clock.currentTimeMillis
    const nvras = problem.unsigned.map(({ nvra }) => nvra)
    // the hub's clock may be ahead of ours
    const since = Math.min(now, (yield* feed.firstTagged(tag, inherit, nvras)) ?? now)
    const until = since + patience
    return { _tag: now < until ? "Waiting" : "Refused", problem, patience: { since, until } }
  })

const errorOf = (cause: Cause.Cause<DistRepoError>): { readonly _tag: string; readonly message: string } => {
  const [failure] = Cause.failures(cause)
  if (failure !== undefined && Cause.isFailure(cause) && Cause.defects(cause).length === 0) return failure
  return {
    _tag: "Defect",
    message: `this is a bug in distgraph, please report it with these lines:\n${Cause.pretty(cause)}`
  }
}
