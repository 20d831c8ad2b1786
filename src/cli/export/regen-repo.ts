import { Duration, Effect } from "effect"
import { layerDirectory, type RunFailed, type Store } from "../../../graph/index.ts"
import type { ExportEvent } from "../../export/dist-repo.ts"
import {
  dryRunInternalRepo,
  type InternalRepoResult,
  internalComparison,
  internalRepo
} from "../../export/internal-repo.ts"
import type { InternalRepoRequest } from "../../export/internal-request.ts"
import { during } from "../../export/phase.ts"
import { tellStory } from "../../export/story.ts"
import { textWarning } from "../../export/text-warning.ts"
import type { NoSuchTag } from "../../hub/errors.ts"
import type { Hub } from "../../hub/hub.ts"
import { layerLocalHub } from "../../source/local-hub.ts"
import type { Source } from "../../source/source.ts"
import type { ArgsOf, Handler, Report } from "../frame/command.ts"
import { Output } from "../frame/output.ts"
import { UsageError } from "../frame/usage-error.ts"
import { withHub } from "../open-hub.ts"
import { tidyUp } from "../store/tidy-up.ts"
import { gotRepo } from "../words/got-repo.ts"
import { dryRunMisuse, dryRunReport } from "./dry-run-report.ts"
import { type ExplainArgs, explained, explainFailure } from "./explained.ts"
import { ExportFailed } from "./export-failure.ts"
import { observed } from "./observed.ts"
import { withProgress } from "./progress.ts"
import type { RegenRepo } from "./regen-repo-spec.ts"
import { minutesOf, TimedOut } from "./timed-out.ts"

type Args = ArgsOf<typeof RegenRepo>

export const regenRepo: Handler<Args> = (args) =>
  Effect.gen(function* () {
    if (args.target) return yield* new UsageError({ reason: noTargets(args.tag) })
    const misused = dryRunMisuse(args)
    if (misused !== undefined) return yield* misused
    const limit = yield* minutesOf(args.timeout)
    const request = requestOf(args)
    const inPlace = <A, E>(work: Effect.Effect<A, E, Hub | Source | Store | Output>) =>
      withHub(args.topdir, Effect.provide(work, [layerLocalHub, layerDirectory(args.store)]))
    if (args.dryRun) return yield* inPlace(dryRun(request, args))
    const about = { command: "regen-repo", subject: { "distgraph.tag": args.tag }, profile: args.profileRun }
    const made = observed(about, (onEvent) => inPlace(make(request, args, onEvent)))
    const inTime = Effect.timeoutFail(made, {
      duration: limit,
      onTimeout: () =>
        new TimedOut({ what: `the repo of ${args.tag} was not made`, minutes: Duration.toMinutes(limit) })
    })
    return yield* Effect.zipLeft(inTime, tidyUp(args))
  }).pipe(
    Effect.catchTag("NoSuchTag", (error: NoSuchTag) => new UsageError({ reason: `No such tag: ${error.tag}` })),
    Effect.catchTag("BadRequest", ({ message }) => new UsageError({ reason: message }))
  )

/** Of Koji's words for a target that is not there. */
export const noTargets = (name: string): string => `No such build target: ${name} (there are no build targets here)`

const requestOf = (args: Args): InternalRepoRequest => ({
  tag: args.tag,
  opts: {
    ...(args.source || args.src ? { src: true } : {}),
    ...(args.debuginfo ? { debuginfo: true } : {}),
    ...(args.separateSource || args.separateSrc ? { separate_src: true } : {})
  },
  force: args.force
})

/** Makes the repo and shows how it goes. */
export const make = (request: InternalRepoRequest, args: ExplainArgs, onEvent: (event: ExportEvent) => void) =>
  Effect.gen(function* () {
    const output = yield* Output
    const title = `Creating internal repo for tag ${request.tag}`
    const result = yield* withProgress(title, onEvent, (told) => internalRepo(request, told)).pipe(
      Effect.catchTag("RunFailed", (failed) => explainFailure(args, request.tag, failed, failedStory(request, failed)))
    )
    yield* Effect.forEach(warningsOf(result), output.warn)
    const { id, path } = result.repo
    const lines = gotRepo(result.repo)
    if (result._tag === "Unchanged") return { lines, data: { status: "unchanged", repo: { id, path }, story: null } }
    const telling = tellStory({ tag: request.tag, ...result.read }, { ...result, repo: id }, "internal")
    const story = yield* explained(args, during("explain", onEvent, telling))
    return {
      lines: [...lines, ...(story.data === null ? [] : ["", ...story.lines])],
      data: { status: "published", repo: { id, path, latest: result.repo.latest }, story: story.data }
    } satisfies Report
  })

/** The story of a run that failed. */
const failedStory = (request: InternalRepoRequest, failed: RunFailed<Error>) =>
  Effect.flatMap(internalComparison(request), ({ read, ...compared }) =>
    tellStory({ tag: request.tag, ...read }, { ...compared, run: failed.run, repo: null, failed }, "internal")
  )

const warningsOf = (result: InternalRepoResult): ReadonlyArray<string> => [
  ...result.warnings,
  ...(result._tag === "Published"
    ? new Set(result.output.repositories.flatMap(({ warnings }) => warnings.map(textWarning)))
    : [])
]

const dryRun = (request: InternalRepoRequest, args: Args) =>
  dryRunInternalRepo(request).pipe(
    Effect.catchTag("RunFailed", ({ failures }) => new ExportFailed({ tag: request.tag, failures, story: null })),
    Effect.flatMap((found) => dryRunReport(request.tag, args, found))
  )
