import { existsSync } from "node:fs"
import { Effect, Either } from "effect"
import { layerDirectory, type RunFailed, type Store } from "../../../graph/index.ts"
import type { MissingSignatures } from "../../../rules/index.ts"
import {
  comparison,
  type DistRepoError,
  dryRunDistRepo,
  type ExportEvent,
  distRepo as exportTag
} from "../../export/dist-repo.ts"
import { during } from "../../export/phase.ts"
import type { DistRepoRequest } from "../../export/request.ts"
import { tellStory } from "../../export/story.ts"
import type { Hub } from "../../hub/hub.ts"
import { layerLocalHub } from "../../source/local-hub.ts"
import { type Source, SourceError } from "../../source/source.ts"
import type { ArgsOf, Handler, Report } from "../frame/command.ts"
import { Output } from "../frame/output.ts"
import { UsageError } from "../frame/usage-error.ts"
import { withHub } from "../open-hub.ts"
import { tidyUp } from "../store/tidy-up.ts"
import { publishedRepo } from "../words/published-repo.ts"
import type { DistRepo } from "./dist-repo-spec.ts"
import { dryRunMisuse, dryRunReport } from "./dry-run-report.ts"
import { explained, explainFailure } from "./explained.ts"
import { ExportFailed } from "./export-failure.ts"
import { givenMetadata } from "./given-files.ts"
import { observed } from "./observed.ts"
import { warnAboutPackages } from "./package-warnings.ts"
import { withProgress } from "./progress.ts"
import { publishOptionsOf } from "./publish-options.ts"

type Args = ArgsOf<typeof DistRepo>

export const distRepo: Handler<Args> = (args) =>
  Effect.gen(function* () {
    const request = yield* requestOf(args)
    const inPlace = (work: Work) =>
      withHub(args.topdir, Effect.provide(work, [layerLocalHub, layerDirectory(args.store)]))
    if (args.dryRun) return yield* inPlace(dryRun(request, args))
    const about = { command: "dist-repo", subject: { "distgraph.tag": args.tag }, profile: args.profileRun }
    return yield* Effect.zipLeft(
      observed(about, (onEvent) => inPlace(publish(request, args, onEvent))),
      tidyUp(args)
    )
  }).pipe(
    Effect.tapErrorTag("BadRequest", ({ warnings }) =>
      Effect.flatMap(Output, ({ warn }) => Effect.forEach(warnings, warn))
    ),
    Effect.mapError((error) => misuseOf(error, args) ?? error)
  )

/** What Koji's client finds before it asks the hub for anything, and so is a matter of how the command was typed. */
const misuseOf = (error: { readonly _tag: string; readonly message: string }, args: Args): UsageError | undefined => {
  if (error._tag === "BadRequest") return new UsageError({ reason: error.message })
  const noSuchTag = error instanceof SourceError && error.kind === "no-such-tag" && error.event === null
  return noSuchTag ? new UsageError({ reason: `No such tag: ${args.tag}` }) : undefined
}

type Work = Effect.Effect<Report, DistRepoError | ExportFailed, Hub | Source | Store | Output>

const publish = (request: DistRepoRequest, args: Args, onEvent: (event: ExportEvent) => void): Work =>
  Effect.gen(function* () {
    const output = yield* Output
    const title = `Creating dist repo for tag ${request.tag}`
    const result = yield* withProgress(title, onEvent, (told) => exportTag(request, told)).pipe(
      Effect.catchTag("RunFailed", (failed) => explainFailure(args, request.tag, failed, failedStory(request, failed)))
    )
    yield* Effect.forEach(result.warnings, output.warn)
    if (result._tag === "Unchanged") {
      const { id, path } = result.repo
      const line = `${request.tag} is unchanged since repo ${id} (${path}); --force makes a new one`
      return { lines: [line], data: { status: "unchanged", repo: result.repo, story: null } }
    }
    if (result._tag === "Overtaken") {
      const { createEvent, id } = result.repo
      const line = `${request.tag} has changed meanwhile, and repo ${id} has its content of event ${createEvent}: nothing older is made`
      return { lines: [line], data: { status: "overtaken", repo: result.repo, story: null } }
    }
    yield* warnAboutPackages(request, result, args.explainAll)
    const telling = tellStory(request, { ...result, repo: result.repo.id })
    const story = yield* explained(args, during("explain", onEvent, telling))
    const { id, latest, path } = result.repo
    return {
      lines: [publishedRepo(result.repo), ...(story.data === null ? [] : ["", ...story.lines])],
      data: {
        status: "published",
        repo: { id, path, latest },
        unsigned: result.output.unsigned,
        story: story.data
      }
    }
  })

/** The story of a run that failed. */
const failedStory = (request: DistRepoRequest, failed: RunFailed<Error>) =>
  Effect.flatMap(comparison(request), (compared) =>
    tellStory(request, { ...compared, run: failed.run, repo: null, failed })
  )

const dryRun = (request: DistRepoRequest, args: Args): Work =>
  dryRunDistRepo(request).pipe(
    Effect.catchTag("RunFailed", ({ failures }) => new ExportFailed({ tag: request.tag, failures, story: null })),
    Effect.flatMap((found) => dryRunReport(request.tag, args, found))
  )

const requestOf = (args: Args): Either.Either<DistRepoRequest, UsageError> =>
  Either.gen(function* () {
    const { allowMissingSignatures: allow, keys, skipMissingSignatures: skip } = args
    if (keys.length === 0 && !allow) {
      return yield* misuse("Please specify one or more GPG key IDs (or --allow-missing-signatures)")
    }
    if (allow && skip) {
      return yield* misuse("allow_missing_signatures and skip_missing_signatures are mutually exclusive")
    }
    const misused = dryRunMisuse(args)
    if (misused !== undefined) return yield* Either.left(misused)
    if (keys.includes("")) return yield* misuse("A GPG key ID must not be empty")
    const unfound = [args.comps, args.multilib].find((file) => file !== undefined && !existsSync(file))
    if (unfound !== undefined) return yield* misuse(`could not find ${unfound}`)
    if (args.zckDictDir !== undefined && !args.zck) return yield* misuse("--zck-dict-dir makes no sense without --zck")
    if (args.filterComps !== undefined && args.comps === undefined) {
      return yield* misuse("--filter-comps needs --comps")
    }
    if (args.debugLayout !== undefined && !args.splitDebuginfo) {
      return yield* misuse("--debug-layout needs --split-debuginfo")
    }
    if (args.skipStat && args.noSkipStat) {
      return yield* misuse("--skip-stat and --no-skip-stat are mutually exclusive")
    }
    const { debugLayout, ...common } = yield* publishOptionsOf(args)
    const missingSignatures: MissingSignatures = allow ? "allow" : skip ? "skip" : "fail"
    return {
      tag: args.tag,
      keys,
      arches: args.arches,
      event: args.event ?? null,
      inherit: !args.noinherit,
      latest: !args.nonLatest,
      withSrc: args.withSrc,
      volume: args.volume ?? null,
      missingSignatures,
      comps: args.comps ?? null,
      multilib: args.multilib ?? null,
      filterComps: args.filterComps ?? null,
      given: yield* givenMetadata(args),
      splitDebuginfo: args.splitDebuginfo ? debugLayout : null,
      writeSignedRpms: args.writeSignedRpms,
      skipStat: args.skipStat ? true : args.noSkipStat ? false : null,
      zchunk: args.zck ? { dictionaries: args.zckDictDir ?? null } : null,
      deltaRpms: args.deltaRpms,
      force: args.force,
      ...common
    }
  })

const misuse = (reason: string): Either.Either<never, UsageError> => Either.left(new UsageError({ reason }))
