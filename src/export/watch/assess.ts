import { Effect, Either, Option, Schema } from "effect"
import { ExternalFiles, evaluate, RunFailed, type Store } from "../../../graph/index.ts"
import { SignedLookup, SnapshotDigest, UnusableContent } from "../../../rules/index.ts"
import { Hub } from "../../hub/hub.ts"
import type { ReadyRepo } from "../../hub/model.ts"
import { Source } from "../../source/source.ts"
import type { DistRepoError } from "../dist-repo.ts"
import { missedBlob } from "../missed-blob.ts"
import { packageFiles } from "../package-files.ts"
import { prepare } from "../prepare.ts"
import type { DistRepoRequest, RequestedArches } from "../request.ts"
import { runSettings } from "../run-settings.ts"
import { type RepoIdentity, type StandingRepo, standingRepoOf } from "../standing-repo.ts"

/** How a tag stands to its newest READY repo with the same options. */
export type Assessment =
  /** The repo has what would be made now. */
  | { readonly _tag: "UpToDate"; readonly event: number; readonly repo: StandingRepo }
  /** `unless` something is in the way, there is a repo to be made. */
  | {
      readonly _tag: "Due"
      /** That of the content that was read. */
      readonly event: number
      readonly because: Because
      readonly problem: UnusableContent | null
    }

/** Why a repo is to be made. */
type Because =
  | { readonly _tag: "NoRepo" }
  /** The repo has gone from disk, or an arch of it has. */
  | { readonly _tag: "RepoGone"; readonly repo: number }
  /** Another version of the program made it. */
  | { readonly _tag: "OtherRules"; readonly repo: number }
  /** Its content is another than now; it is that of this event. */
  | { readonly _tag: "OtherContent"; readonly repo: number; readonly event: number }

/**
 * Compares a tag with its newest READY repo of the same options. Content that differs only in signatures which change no rpm's choice is
 * the same: no reader would see a difference. Nothing of this is remembered but in the repos themselves and, to be fast, in the store.
 */
export const assess = (request: DistRepoRequest): Effect.Effect<Assessment, DistRepoError, Hub | Source | Store> =>
  Effect.catchIf(assessOnce(request, false), missedBlob, () => assessOnce(request, true))

const assessOnce = (
  request: DistRepoRequest,
  repair: boolean
): Effect.Effect<Assessment, DistRepoError, Hub | Source | Store> =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const { arches, identity, snapshot } = yield* prepare(request, repair)
    const { event } = snapshot
    const newest = yield* hub.newestReadyRepo(request.tag, identity.options)
    const standing = (content: string) =>
      standingRepoOf(
        newest,
        { ...identity, content },
        {
          topdir: hub.topdir,
          tag: request.tag,
          arches: arches.repositories.map(({ arch }) => arch),
          kind: "dist"
        }
      )
    const same = standing(identity.content)
    if (same !== undefined) return { _tag: "UpToDate", event, repo: same }
    const choices = (content: typeof SnapshotDigest.Type) => chosenOf(request, arches, content, repair)
    const now = yield* Effect.either(choices(snapshot.content))
    const old = newest === null ? undefined : standing(newest.content)
    if (newest !== null && old !== undefined && Either.isRight(now)) {
      // the store may have lost the old content: then it counts as another
      const before = yield* Effect.option(Effect.flatMap(decodeSnapshotDigest(newest.content), choices))
      if (Option.contains(before, now.right)) return { _tag: "UpToDate", event, repo: old }
    }
    const problem = Either.isLeft(now) ? yield* unusableContent(now.left) : null
    return { _tag: "Due", event, because: because(newest, identity, old !== undefined), problem }
  })

const decodeSnapshotDigest = Schema.decodeUnknown(SnapshotDigest)

/** The copies that would be published, as the digest of their list. What is found here the export finds in the store. */
const chosenOf = (
  { keys, missingSignatures, tag }: DistRepoRequest,
  { repositories }: RequestedArches,
  snapshot: typeof SnapshotDigest.Type,
  repair: boolean
) =>
  Effect.gen(function* () {
    const source = yield* Source
    const input = {
      snapshot,
      keys: [...new Set(keys.map((key) => key.toLowerCase()))],
      missingSignatures,
      rpmArches: [...new Set(repositories.flatMap(({ rpmArches }) => rpmArches))].sort()
    }
    const { output } = yield* Effect.provideService(
      evaluate(SignedLookup, input, { ...runSettings(`watch ${tag}`), repair }),
      ExternalFiles,
      packageFiles(source)
    )
    return output.chosen
  })

/** What of the content is in the way, where nothing else failed. */
const unusableContent = <E extends { readonly _tag: string }>(error: E): Effect.Effect<UnusableContent, E> => {
  const problem =
    error instanceof RunFailed ? error.failures.map((failure) => failure.error).find(isUnusable) : undefined
  return problem === undefined ? Effect.fail(error) : Effect.succeed(problem)
}

const isUnusable = (error: unknown): error is UnusableContent => error instanceof UnusableContent

const because = (newest: ReadyRepo | null, { fingerprint }: RepoIdentity, isThere: boolean): Because => {
  if (newest === null) return { _tag: "NoRepo" }
  const repo = newest.id
  if (newest.fingerprint !== fingerprint) return { _tag: "OtherRules", repo }
  return isThere ? { _tag: "OtherContent", repo, event: newest.createEvent } : { _tag: "RepoGone", repo }
}
