import { Clock, Effect, Either, Schema } from "effect"
import { layerDirectory, type RunFailed, type Store } from "../../graph/index.ts"
import type { Compression, MissingSignatures } from "../../rules/index.ts"
import {
  type DistRepoError,
  type DistRepoResult,
  distRepo as exportTag,
  rehearseDistRepo
} from "../export/dist-repo.ts"
import type { DistRepoRequest } from "../export/request.ts"
import { DistRepoStory, tellStory } from "../export/story.ts"
import type { Hub } from "../hub/hub.ts"
import { layerLocalHub } from "../source/local-hub.ts"
import { type Source, SourceError } from "../source/source.ts"
import type { ArgsOf, Handler, Report } from "./command.ts"
import type { DistRepo } from "./dist-repo-spec.ts"
import { explainText } from "./explain-text.ts"
import { withHub } from "./open-hub.ts"
import { Output } from "./output.ts"
import { progress } from "./progress.ts"
import { rehearsalText } from "./rehearsal-text.ts"
import { UsageError } from "./usage-error.ts"

type Args = ArgsOf<typeof DistRepo>

export const distRepo: Handler<Args> = (args) =>
  Effect.gen(function* () {
    const request = yield* requestOf(args)
    const work = args.dryRun ? rehearse(request, args) : publish(request, args)
    return yield* withHub(args.topdir, Effect.provide(work, [layerLocalHub, layerDirectory(args.store)]))
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

type Work = Effect.Effect<Report, DistRepoError, Hub | Source | Store | Output>

const publish = (request: DistRepoRequest, args: Args): Work =>
  Effect.gen(function* () {
    const output = yield* Output
    const shown = progress(`Creating dist repo for tag ${request.tag}`, output.screen)
    const result = yield* exportTag(request, shown.onEvent).pipe(
      Effect.ensuring(Effect.sync(shown.end)),
      Effect.tapErrorTag("RunFailed", (failed) => explainFailure(request, args, failed))
    )
    yield* Effect.forEach(result.warnings, output.warn)
    if (result._tag === "Unchanged") {
      const line = `${request.tag} is unchanged since repo ${result.repo.id} (${result.repo.path}); --force makes a new one`
      return { lines: [line], data: { status: "unchanged", repo: result.repo } }
    }
    yield* warnAboutPackages(request, result)
    const line = `repo ${result.repo.id}: ${result.repo.path}`
    if (!args.explain && !args.explainAll) {
      return { lines: [line], data: { status: "published", repo: result.repo } }
    }
    const story = yield* tellStory(request, { run: result.run, repo: result.repo.id, previous: result.previous })
    return {
      lines: [line, "", ...explainText(story, yield* telling(args))],
      data: { status: "published", repo: result.repo, story: Schema.encodeSync(DistRepoStory)(story) }
    }
  })

/** What went well before the failure, and what did not because of it. The failure itself is told by whoever reports it. */
const explainFailure = (request: DistRepoRequest, args: Args, failed: RunFailed<unknown>) =>
  Effect.gen(function* () {
    if (!args.explain && !args.explainAll) return
    const output = yield* Output
    const story = yield* tellStory(request, { run: failed.run, repo: null, previous: null, failed })
    yield* output.talk(...explainText(story, yield* telling(args)))
  })

const rehearse = (request: DistRepoRequest, args: Args): Work =>
  Effect.gen(function* () {
    const output = yield* Output
    const { rehearsal, unchanged, warnings } = yield* rehearseDistRepo(request)
    yield* Effect.forEach(warnings, output.warn)
    return {
      lines: rehearsalText(rehearsal, { tag: request.tag, unchanged, everything: args.explainAll }),
      data: {
        status: "dry-run",
        unchanged,
        nodes: rehearsal.nodes,
        hits: Object.fromEntries(rehearsal.hits)
      }
    }
  })

const warnAboutPackages = (
  request: DistRepoRequest,
  { output, repo }: Extract<DistRepoResult, { _tag: "Published" }>
) =>
  Effect.gen(function* () {
    const { warn } = yield* Output
    const warnings = new Set(
      output.repositories.flatMap(({ warnings: found }) =>
        found.map(({ field, nvra, problem }) => `${nvra}: its ${field} has a ${problem}, written as U+FFFD`)
      )
    )
    yield* Effect.forEach(warnings, warn)
    if (output.unsigned.length > 0) {
      const what = request.missingSignatures === "skip" ? "left out" : "taken as they were imported"
      const names = output.unsigned.map(({ nvra }) => `  ${nvra}`)
      yield* warn(
        [
          `${output.unsigned.length} rpms are not signed with ${request.keys.join(" nor ")} and were ${what}:`,
          ...names
        ].join("\n")
      )
    }
    if (repo.copiedInstead > 0)
      yield* warn(`${repo.copiedInstead} packages were copied, because they could not be linked`)
  })

const telling = (args: Args) =>
  Effect.map(Clock.currentTimeMillis, (now) => ({
    width: process.stdout.columns ?? 160,
    everything: args.explainAll,
    now
  }))

const requestOf = (args: Args): Either.Either<DistRepoRequest, UsageError> =>
  Either.gen(function* () {
    const { allowMissingSignatures: allow, keys, skipMissingSignatures: skip } = args
    if (keys.length === 0 && !allow) {
      return yield* misuse("Please specify one or more GPG key IDs (or --allow-missing-signatures)")
    }
    if (allow && skip) {
      return yield* misuse("allow_missing_signatures and skip_missing_signatures are mutually exclusive")
    }
    if (keys.includes("")) return yield* misuse("A GPG key ID must not be empty")
    const missingSignatures: MissingSignatures = allow ? "allow" : skip ? "skip" : "fail"
    return {
      tag: args.tag,
      keys,
      arches: args.arches,
      event: args.event ?? null,
      inherit: !args.noinherit,
      latest: !args.nonLatest,
      withSrc: args.withSrc,
      missingSignatures,
      compression: yield* compressionOf(args),
      layout: args.layout ?? "hardlink",
      force: args.force
    }
  })

const compressionOf = ({ compress, profile }: Args): Either.Either<Compression, UsageError> => {
  const wanted = profile === undefined ? undefined : profile === "fedora" ? "zstd" : "gz"
  if (compress !== undefined && wanted !== undefined && compress !== wanted) {
    return misuse(`--profile ${profile} means --compress ${wanted}: leave one of the two out`)
  }
  return Either.right(compress ?? wanted ?? "gz")
}

const misuse = (reason: string): Either.Either<never, UsageError> => Either.left(new UsageError({ reason }))
