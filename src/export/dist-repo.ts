import { join } from "node:path"
import { Deferred, Effect } from "effect"
import {
  type DryRun,
  dryRun,
  ExternalFiles,
  evaluate,
  type FailureOf,
  noteUse,
  type OutputOf,
  overlayStore,
  type RunEvent,
  type RunFailed,
  Store,
  type StoreError,
  type Watch,
  watch,
  withBlobs,
  writeBlob
} from "../../graph/index.ts"
import { Directory, type DirectoryEntry, DistRepo, Groundwork } from "../../rules/index.ts"
import type { HubUnavailable, NoSuchRpm, NoSuchTag } from "../hub/errors.ts"
import { Hub } from "../hub/hub.ts"
import { repoJson } from "../koji/repo-json.ts"
import { publishWithHeadStart } from "../publish/head-start.ts"
import { type PublishError, type PublishedRepo, repairLatest } from "../publish/publish-repo.ts"
import { tagDirectory } from "../publish/repo-places.ts"
import { Source, type SourceError, type TagSnapshot } from "../source/source.ts"
import type { BadMetadataFiles } from "./given-metadata.ts"
import type { BadGroupFile } from "./group-file.ts"
import { missedBlob } from "./missed-blob.ts"
import { writingMissingCopies } from "./missing-copies.ts"
import type { BadMultilibFile } from "./multilib-file.ts"
import { packageFiles } from "./package-files.ts"
import { during, inTurn, type PhaseEvent } from "./phase.ts"
import { prepare, repoRecord } from "./prepare.ts"
import type { BadRequest, DistRepoRequest, RequestedArches } from "./request.ts"
import { deltaInput, type RequestedDeltasError } from "./requested-deltas.ts"
import { runSettings } from "./run-settings.ts"
import type { NoSigningKey } from "./signing-key.ts"
import { type RepoIdentity, type StandingRepo, standingRepoOf } from "./standing-repo.ts"
import { verifyPackages } from "./verify-packages.ts"
import type { BadDictionaries } from "./zchunk-dictionaries.ts"

/** What a request came to. */
export type DistRepoResult =
  | {
      readonly _tag: "Published"
      readonly repo: PublishedRepo
      /** The repo that it is compared with: the newest READY one of the same options, or else of any. */
      readonly previous: ComparedRepo | null
      /** Those of the request, as {@link ComparedRepo} has them. */
      readonly options: string
      readonly run: number
      readonly snapshot: TagSnapshot
      readonly output: OutputOf<typeof DistRepo>
      readonly warnings: ReadonlyArray<string>
    }
  | {
      /** Content, options and rules are those of the newest READY repo: nothing to do. */
      readonly _tag: "Unchanged"
      readonly repo: StandingRepo
      readonly warnings: ReadonlyArray<string>
    }
  | {
      /** While this was computed another export published newer content of the tag with the same options: nothing is published over it. */
      readonly _tag: "Overtaken"
      readonly repo: NewerRepo
      readonly warnings: ReadonlyArray<string>
    }

export type DistRepoError =
  | BadRequest
  | BadGroupFile
  | BadMultilibFile
  | BadDictionaries
  | NoSigningKey
  | RequestedDeltasError
  | BadMetadataFiles
  | StoreError
  | SourceError
  | RunFailed<FailureOf<typeof DistRepo>>
  | PublishError
  | NoSuchRpm

/** What happens during an export, as it happens. */
export type ExportEvent =
  | RunEvent
  | PhaseEvent
  /** Another publication into the topdir has to end first. */
  | { readonly _tag: "WaitsForPublication" }
  | { readonly _tag: "Placed"; readonly packages: number }
  /** Signed copies that were missing, as asked. */
  | { readonly _tag: "WroteSignedCopies"; readonly sigkey: string; readonly copies: number }

/** Where the log finds the runs of a tag's exports. */
export const runLabel = (tag: string): string => `dist-repo ${tag}`

/**
 * Exports a tag: reads its content, evaluates the graph, publishes. Unchanged content gives no new repo id unless forced. Where a
 * stored blob proves lost or damaged, the whole is done once more, checking all that is reused.
 */
export const distRepo = (
  request: DistRepoRequest,
  onEvent: (event: ExportEvent) => void = () => {}
): Effect.Effect<DistRepoResult, DistRepoError, Hub | Source | Store> =>
  request.writeSignedRpms
    ? writingMissingCopies(exported(request, onEvent), (sigkey, copies) =>
        onEvent({ _tag: "WroteSignedCopies", sigkey, copies })
      )
    : exported(request, onEvent)

const exported = (request: DistRepoRequest, onEvent: (event: ExportEvent) => void) =>
  Effect.catchIf(exportOnce(request, onEvent, false), missedBlob, () => exportOnce(request, onEvent, true))

/** A repo as a story compares with it: its options as canonical JSON, and the key of the node that it was published from. */
export interface ComparedRepo {
  readonly id: number
  readonly root: string
  readonly options: string
}

/** What the story of a request would be compared with. */
export const comparison = (
  request: DistRepoRequest
): Effect.Effect<
  { readonly previous: ComparedRepo | null; readonly options: string },
  DistRepoError,
  Hub | Source | Store
> =>
  Effect.gen(function* () {
    const { identity } = yield* prepare(request, false)
    return { previous: yield* comparedRepo(request.tag, identity.options), options: identity.options }
  })

/** Says what {@link distRepo} would do, over an overlay of the store, and leaves nothing behind. */
export const dryRunDistRepo = (
  request: DistRepoRequest
): Effect.Effect<DryRunResult, DistRepoError, Hub | Source | Store> =>
  Effect.catchIf(dryRunOnce(request, false), missedBlob, () => dryRunOnce(request, true))

export interface DryRunResult {
  /** The id of the repo that stands and is just what would be made. */
  readonly unchanged: number | null
  readonly found: DryRun
  readonly warnings: ReadonlyArray<string>
}

const dryRunOnce = (
  request: DistRepoRequest,
  repair: boolean
): Effect.Effect<DryRunResult, DistRepoError, Hub | Source | Store> =>
  Effect.gen(function* () {
    const source = yield* Source
    const { arches, deltas, identity, input, warnings } = yield* prepare(request, repair)
    const standing = request.force ? undefined : yield* standingRepo(request.tag, identity, arches)
    const older = yield* deltaInput(deltas, arches)
    const found = yield* Effect.provideService(
      dryRun(DistRepo, { ...input, arches: older.arches }, runSettings(runLabel(request.tag))),
      ExternalFiles,
      packageFiles(source, older.files)
    )
    return { unchanged: standing?.id ?? null, found, warnings: [...warnings, ...older.warnings] }
  }).pipe((dry) => Effect.flatMap(Store, (store) => Effect.provideService(dry, Store, overlayStore(store))))

/** The repo that an export of these options is compared with. */
const comparedRepo = (
  tag: string,
  options: string
): Effect.Effect<ComparedRepo | null, HubUnavailable | NoSuchTag, Hub> =>
  Effect.gen(function* () {
    const hub = yield* Hub
    return (yield* hub.newestReadyRepo(tag, options)) ?? (yield* hub.newestReadyRepo(tag))
  })

const exportOnce = (
  request: DistRepoRequest,
  onEvent: (event: ExportEvent) => void,
  repair: boolean
): Effect.Effect<DistRepoResult, DistRepoError, Hub | Source | Store> =>
  Effect.gen(function* () {
    const source = yield* Source
    const prepared = yield* during("snapshot", onEvent, prepare(request, repair))
    const { arches, deltas, identity, input, snapshot } = prepared
    const unless = request.force ? Effect.succeed(undefined) : standingRepo(request.tag, identity, arches)
    const standing = yield* during("compare", onEvent, unless)
    if (standing !== undefined) {
      yield* repairLatest(request.tag)
      return { _tag: "Unchanged", repo: standing, warnings: prepared.warnings }
    }
    const previous = yield* comparedRepo(request.tag, identity.options)
    const reading = deltaInput(deltas, arches)
    const older = yield* deltas === null ? reading : during("snapshot", onEvent, reading)
    const warnings = [...prepared.warnings, ...older.warnings]
    const unlessNewer = isOfNow(request)
      ? Effect.flatMap(unless, (found) =>
          found === undefined ? newerRepo(request.tag, identity.options, snapshot.event) : Effect.succeed(found)
        )
      : unless
    return yield* Effect.provideService(
      Effect.gen(function* () {
        const { layout, tag, volume } = request
        const groundwork = yield* Deferred.make<ReadonlyArray<DirectoryEntry>>()
        const evaluation = evaluate(
          DistRepo,
          { ...input, arches: older.arches },
          {
            ...runSettings(runLabel(request.tag)),
            onEvent,
            repair,
            watch: groundworkOf(arches, groundwork)
          }
        )
        const evaluated = yield* Effect.cached(during("evaluate", onEvent, evaluation))
        const publication = Effect.gen(function* () {
          const { output, root } = yield* evaluated
          if (request.skipStat === false) {
            yield* during("verify", onEvent, withBlobs(verifyPackages(output.root, source.topdir)))
          }
          return {
            ...identity,
            root,
            tag,
            volume,
            createEvent: snapshot.event,
            tree: output.root,
            layout,
            repoJson: (id: number) => repoJson({ ...repoRecord(request, arches, snapshot, deltas), id })
          }
        })
        const tree = Effect.flatMap(onlySums(request) ? Deferred.await(groundwork) : Effect.never, (entries) =>
          withBlobs(writeBlob(Directory, { entries }))
        )
        const repo = yield* publishWithHeadStart({ tag, volume, layout, tree }, publication, {
          unless: unlessNewer, // another export, of the same content or of a newer one, may have been faster
          onPlaced: (packages) => onEvent({ _tag: "Placed", packages }),
          onWait: () => onEvent({ _tag: "WaitsForPublication" }),
          inStages: (publishing) => during("publish", onEvent, inTurn("wait", onEvent, publishing))
        })
        const { output, run } = yield* evaluated
        if (isNewer(repo)) return { _tag: "Overtaken", repo, warnings } as const
        return "latest" in repo
          ? ({ _tag: "Published", repo, previous, options: identity.options, run, snapshot, output, warnings } as const)
          : ({ _tag: "Unchanged", repo, warnings } as const)
      }),
      ExternalFiles,
      packageFiles(source, older.files)
    )
  })

/** An event that was asked for, and a repo that was asked for in any case, are published whatever is there. */
const isOfNow = ({ event, force }: DistRepoRequest): boolean => event === null && !force

interface NewerRepo extends StandingRepo {
  readonly createEvent: number
}

/** The tag's newest READY repo of these options, if its content is of a newer event. */
const newerRepo = (
  tag: string,
  options: string,
  event: number
): Effect.Effect<NewerRepo | undefined, HubUnavailable | NoSuchTag, Hub> =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const newest = yield* hub.newestReadyRepo(tag, options)
    if (newest === null || newest.createEvent <= event) return undefined
    const { createEvent, id } = newest
    return { id, path: join(tagDirectory(hub.topdir, tag, "dist"), String(id)), createEvent }
  })

const isNewer = (repo: PublishedRepo | StandingRepo | NewerRepo): repo is NewerRepo => "createEvent" in repo

/** Whether nothing takes long once the groundwork is known: others wait for their turn to publish from there on. */
const onlySums = ({ database, deltaRpms, skipStat, zchunk }: DistRepoRequest): boolean =>
  zchunk === null && deltaRpms.length === 0 && !database && skipStat !== false

/** Tells of the groundwork of all arches, once it is known. */
const groundworkOf = (
  { repositories }: RequestedArches,
  known: Deferred.Deferred<ReadonlyArray<DirectoryEntry>>
): Watch => {
  const found = new Map<string, DirectoryEntry>()
  return watch(Groundwork, ({ arch, directory }) => {
    if (directory !== undefined) found.set(arch, { name: arch, type: "directory", content: directory })
    if (found.size === repositories.length) Deferred.unsafeDone(known, Effect.succeed([...found.values()]))
  })
}

/** The tag's newest READY repo, if it is just what would be made and is there; then its state in the store counts as used. */
const standingRepo = (
  tag: string,
  identity: RepoIdentity,
  { repositories }: RequestedArches
): Effect.Effect<StandingRepo | undefined, HubUnavailable | NoSuchTag | StoreError, Hub | Store> =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const newest = yield* hub.newestReadyRepo(tag)
    const arches = repositories.map(({ arch }) => arch)
    const standing = standingRepoOf(newest, identity, { topdir: hub.topdir, tag, arches, kind: "dist" })
    if (standing !== undefined && newest !== null) yield* noteUse(runLabel(tag), newest.root)
    return standing
  })
