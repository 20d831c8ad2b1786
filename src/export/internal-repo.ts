import { Effect } from "effect"
import {
  dryRun,
  ExternalFiles,
  evaluate,
  type FailureOf,
  noteUse,
  type OutputOf,
  overlayStore,
  type RunFailed,
  Store,
  type StoreError
} from "../../graph/index.ts"
import { InternalRepo } from "../../rules/index.ts"
import { Hub } from "../hub/hub.ts"
import { internalRepoJson } from "../koji/repo-json.ts"
import { chooseRepoOptions } from "../koji/repo-options.ts"
import { type PublishError, type PublishedRepo, publishRepo, repairLatest, repoPath } from "../publish/publish-repo.ts"
import { type ContentRequest, Source, type SourceError } from "../source/source.ts"
import type { ComparedRepo, DryRunResult, ExportEvent } from "./dist-repo.ts"
import type { ExternalReposUnavailable } from "./external-repos.ts"
import { type InternalRepoRequest, type PreparedRepo, prepareInternal } from "./internal-request.ts"
import { missedBlob } from "./missed-blob.ts"
import { packageFiles } from "./package-files.ts"
import { during, inTurn } from "./phase.ts"
import type { BadRequest } from "./request.ts"
import { runSettings } from "./run-settings.ts"
import { type StandingRepo, standingRepoOf } from "./standing-repo.ts"

/** What a request for an internal repo came to. */
export type InternalRepoResult =
  | {
      readonly _tag: "Published"
      readonly repo: PublishedRepo
      /** The repo that it is compared with: the newest READY one of the same options, or else that which `latest` leads to. */
      readonly previous: ComparedRepo | null
      /** Those of the request, as {@link ComparedRepo} has them. */
      readonly options: string
      /** How the tag was read. */
      readonly read: ContentRequest
      readonly run: number
      readonly output: OutputOf<typeof InternalRepo>
      readonly warnings: ReadonlyArray<string>
    }
  | {
      /** Content, options and rules are those of the newest READY repo with these options: nothing to do. */
      readonly _tag: "Unchanged"
      readonly repo: StandingRepo
      readonly warnings: ReadonlyArray<string>
    }

export type InternalRepoError =
  | BadRequest
  | ExternalReposUnavailable
  | StoreError
  | SourceError
  | RunFailed<FailureOf<typeof InternalRepo>>
  | PublishError

/**
 * Makes a tag's internal repo: reads its content, evaluates the graph, publishes. Unchanged content gives no new repo id unless forced. Where
 * a stored blob proves lost or damaged, the whole is done once more, checking all that is reused.
 */
export const internalRepo = (
  request: InternalRepoRequest,
  onEvent: (event: ExportEvent) => void = () => {}
): Effect.Effect<InternalRepoResult, InternalRepoError, Hub | Source | Store> =>
  Effect.catchIf(makeOnce(request, onEvent, false), missedBlob, () => makeOnce(request, onEvent, true))

/** What the story of a request would be compared with, and how the tag is read for it. */
export const internalComparison = (request: InternalRepoRequest) =>
  Effect.gen(function* () {
    const { identity, read, record } = yield* prepareInternal(request, false)
    return { previous: yield* comparedRepo(record), options: identity.options, read }
  })

/** The READY repo that has what the tag has now, by the tag's own options. */
export const currentInternalRepo = (
  tag: string
): Effect.Effect<StandingRepo | undefined, InternalRepoError, Hub | Source | Store> =>
  Effect.flatMap(prepareInternal({ tag, opts: {}, force: false }, false), standingRepo)

/** The READY repo of the tag's own options that was made last, with the event of its content. */
export const usualRepo = (tag: string) =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const { extra } = yield* hub.tagInfo(tag)
    const newest = yield* hub.newestInternalRepo(tag, { ...chooseRepoOptions(extra, {}).opts })
    const path = newest === null ? undefined : repoPath(hub.topdir, tag, newest.id, [], "internal")
    return newest === null || path === undefined ? undefined : { id: newest.id, path, createEvent: newest.createEvent }
  })

/** Says what {@link internalRepo} would do, over an overlay of the store, and leaves nothing behind. */
export const dryRunInternalRepo = (request: InternalRepoRequest) =>
  Effect.catchIf(dryRunOnce(request, false), missedBlob, () => dryRunOnce(request, true))

const dryRunOnce = (
  request: InternalRepoRequest,
  repair: boolean
): Effect.Effect<DryRunResult, InternalRepoError, Hub | Source | Store> =>
  Effect.gen(function* () {
    const source = yield* Source
    const prepared = yield* prepareInternal(request, repair)
    const standing = request.force ? undefined : yield* standingRepo(prepared)
    const found = yield* Effect.provideService(
      dryRun(InternalRepo, prepared.input, runSettings(internalLabel(request.tag))),
      ExternalFiles,
      packageFiles(source)
    )
    return { unchanged: standing?.id ?? null, found, warnings: prepared.warnings }
  }).pipe((dry) => Effect.flatMap(Store, (store) => Effect.provideService(dry, Store, overlayStore(store))))

const makeOnce = (
  request: InternalRepoRequest,
  onEvent: (event: ExportEvent) => void,
  repair: boolean
): Effect.Effect<InternalRepoResult, InternalRepoError, Hub | Source | Store> =>
  Effect.gen(function* () {
    const source = yield* Source
    const prepared = yield* during("snapshot", onEvent, prepareInternal(request, repair))
    const { event, identity, input, read, record, warnings } = prepared
    const unless = request.force ? Effect.succeed(undefined) : standingRepo(prepared)
    const standing = yield* during("compare", onEvent, unless)
    if (standing !== undefined) {
      yield* repairLatest(request.tag, "internal")
      return { _tag: "Unchanged", repo: standing, warnings }
    }
    const previous = yield* comparedRepo(record)
    return yield* Effect.provideService(
      Effect.gen(function* () {
        const { output, root, run } = yield* during(
          "evaluate",
          onEvent,
          evaluate(InternalRepo, input, { ...runSettings(internalLabel(request.tag)), onEvent, repair })
        )
        const publication = {
          ...identity,
          root,
          tag: request.tag,
          kind: "internal" as const,
          createEvent: event,
          opts: { ...record.opts },
          customOpts: { ...record.customOpts },
          tree: output.root,
          layout: "hardlink" as const, // it holds no packages
          repoJson: (id: number) => internalRepoJson({ ...record, event, id })
        }
        const publishing = inTurn("wait", onEvent, (onStage) =>
          publishRepo(publication, {
            unless, // another run for the same content may have been faster
            onWait: () => onEvent({ _tag: "WaitsForPublication" }),
            onStage
          })
        )
        const repo = yield* during("publish", onEvent, publishing)
        return "latest" in repo
          ? ({ _tag: "Published", repo, previous, options: identity.options, read, run, output, warnings } as const)
          : ({ _tag: "Unchanged", repo, warnings } as const)
      }),
      ExternalFiles,
      packageFiles(source)
    )
  })

/** The newest READY repo with the same of Koji's options, if it is just what would be made and is there; then its state counts as used. */
const standingRepo = ({ identity, input, record }: PreparedRepo) =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const newest = yield* hub.newestInternalRepo(record.tag, { ...record.opts })
    const place = { topdir: hub.topdir, tag: record.tag, arches: input.arches, kind: "internal" } as const
    const standing = standingRepoOf(newest, identity, place)
    if (standing !== undefined && newest !== null) yield* noteUse(internalLabel(record.tag), newest.root)
    return standing
  })

/** The repo that an export of these options is compared with. */
const comparedRepo = ({ opts, tag }: PreparedRepo["record"]) =>
  Effect.gen(function* () {
    const hub = yield* Hub
    return (yield* hub.newestInternalRepo(tag, { ...opts })) ?? (yield* hub.latestRepo(tag, "internal"))
  })

/** Where the log finds the runs of a tag's internal repos. */
export const internalLabel = (tag: string): string => `internal repo of ${tag}`
