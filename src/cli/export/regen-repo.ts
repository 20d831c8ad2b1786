import { Duration, Effect } from "effect"
import { layerDirectory, type Store } from "../../../graph/index.ts"
import type { ExportEvent } from "../../export/dist-repo.ts"
import { dryRunInternalRepo, type InternalRepoResult, internalRepo } from "../../export/internal-repo.ts"
import type { InternalRepoRequest } from "../../export/internal-request.ts"
import { textWarning } from "../../export/text-warning.ts"
import type { NoSuchTag } from "../../hub/errors.ts"
import type { Hub } from "../../hub/hub.ts"
import { layerLocalHub } from "../../source/local-hub.ts"
import type { Source } from "../../source/source.ts"
import type { ArgsOf, Handler, Report } from "../frame/command.ts"
import { Output } from "../frame/output.ts"
import { UsageError } from "../frame/usage-error.ts"
import { withHub } from "../open-hub.ts"
import { gotRepo } from "../words/got-repo.ts"
import { dryRunText } from "./dry-run-text.ts"
import { ExportFailed } from "./export-failure.ts"
import { observed } from "./observed.ts"
import { progress } from "./progress.ts"
import type { RegenRepo } from "./regen-repo-spec.ts"
import { minutesOf, TimedOut } from "./timed-out.ts"

type Args = ArgsOf<typeof RegenRepo>

export const regenRepo: Handler<Args> = (args) =>
  Effect.gen(function* () {
    if (args.target) return yield* new UsageError({ reason: noTargets(args.tag) })
    if (args.dryRun && args.profileRun !== undefined) {
      return yield* new UsageError({
        reason: "--profile-run has nothing to show of a --dry-run: leave one of the two out"
      })
    }
    const limit = yield* minutesOf(args.timeout)
    const request = requestOf(args)
    const inPlace = <A, E>(work: Effect.Effect<A, E, Hub | Source | Store | Output>) =>
      withHub(args.topdir, Effect.provide(work, [layerLocalHub, layerDirectory(args.store)]))
    if (args.dryRun) return yield* inPlace(dryRun(request))
    const about = { command: "regen-repo", subject: { "distgraph.tag": args.tag }, profile: args.profileRun }
    const made = observed(about, (onEvent) => inPlace(make(request, onEvent)))
    return yield* Effect.timeoutFail(made, {
      duration: limit,
      onTimeout: () =>
        new TimedOut({ what: `the repo of ${args.tag} was not made`, minutes: Duration.toMinutes(limit) })
    })
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
export const make = (request: InternalRepoRequest, onEvent: (event: ExportEvent) => void) =>
  Effect.gen(function* () {
    const output = yield* Output
    const shown = progress(`Creating internal repo for tag ${request.tag}`, output.screen)
    const told = (event: ExportEvent): void => {
      shown.onEvent(event)
      onEvent(event)
    }
    const result = yield* internalRepo(request, told).pipe(
      Effect.ensuring(Effect.sync(shown.end)),
      Effect.catchTag("RunFailed", ({ failures }) => new ExportFailed({ tag: request.tag, failures, story: null }))
    )
    yield* Effect.forEach(warningsOf(result), output.warn)
    const { id, path } = result.repo
    const repo = result._tag === "Published" ? { id, path, latest: result.repo.latest } : { id, path }
    const status = result._tag === "Published" ? "published" : "unchanged"
    return { lines: gotRepo(result.repo), data: { status, repo } } satisfies Report
  })

const warningsOf = (result: InternalRepoResult): ReadonlyArray<string> => [
  ...result.warnings,
  ...(result._tag === "Published"
    ? new Set(result.output.repositories.flatMap(({ warnings }) => warnings.map(textWarning)))
    : [])
]

const dryRun = (request: InternalRepoRequest) =>
  Effect.gen(function* () {
    const output = yield* Output
    const { found, unchanged, warnings } = yield* dryRunInternalRepo(request).pipe(
      Effect.catchTag("RunFailed", ({ failures }) => new ExportFailed({ tag: request.tag, failures, story: null }))
    )
    yield* Effect.forEach(warnings, output.warn)
    return {
      lines: dryRunText(found, { tag: request.tag, unchanged, everything: false }),
      data: { status: "dry-run", unchanged, nodes: found.nodes, hits: Object.fromEntries(found.hits) }
    } satisfies Report
  })
