import { Clock, Data, Duration, Effect } from "effect"
import type { HubRefused, HubUnavailable, NoSuchRepo, NoSuchTag, PublishLockHeld } from "../hub/errors.ts"
import { Hub } from "../hub/hub.ts"
import type { RepoKind, RepoRow } from "../hub/model.ts"
import { pointLatest, readLatest } from "./latest-link.ts"
import { isRepoThere, removeRepo } from "./remove-repo.ts"
import { hasUsualOptions, type Judgement, judgeRepos, type RetentionPolicy } from "./repo-retention.ts"
import { removeUnusedTrees, unusedTrees } from "./unused-trees.ts"
import type { UnwritableTree } from "./writing.ts"

/** A repo that somebody wants to have deleted, but that others count on. */
export class RepoInUse extends Data.TaggedError("RepoInUse")<{ readonly reasons: ReadonlyArray<string> }> {
  override get message(): string {
    return this.reasons.join("\n")
  }
}

export type RepoLifeError = UnwritableTree | HubUnavailable | HubRefused | NoSuchRepo | NoSuchTag | PublishLockHeld

/** What became of repos. */
export interface RemovedRepos {
  /** The ids of those that were removed. */
  readonly removed: ReadonlyArray<number>
  /** Names of shared directories of packages that no repo needs any more, and that were removed. */
  readonly trees: ReadonlyArray<string>
  /** What was in a repo's place and was left, as it was no repo. */
  readonly left: ReadonlyArray<string>
}

/** What a retention run found, and what it did. */
export interface Retained extends RemovedRepos {
  readonly judgements: ReadonlyArray<Judgement>
}

/** Makes repos EXPIRED, all or none: they stay where they are for some time, and `latest` leads to others. */
export const expireRepos = (ids: ReadonlyArray<number>): Effect.Effect<void, RepoLifeError, Hub> =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const work = Effect.gen(function* () {
      yield* hub.setRepoStates(ids, "EXPIRED")
      yield* deriveLatest(yield* Effect.forEach(ids, hub.repo))
    })
    yield* hub.withPublishLock(work)
  })

/**
 * Deletes repos at once. Refuses such as are pinned, and, unless forced, those to which `latest` leads though no other repo is READY: all
 * of them named, and nothing done. Those that are deleted already are passed over.
 */
export const deleteRepos = (
  ids: ReadonlyArray<number>,
  { force }: { readonly force: boolean }
): Effect.Effect<RemovedRepos, RepoLifeError | RepoInUse, Hub> =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const work = Effect.gen(function* () {
      const all = yield* Effect.forEach([...new Set(ids)], hub.repo)
      const repos = all.filter(({ state }) => state !== "DELETED")
      const reasons = yield* Effect.forEach(repos, (repo) => inUse(repo, ids, force))
      if (reasons.some((reason) => reason !== null)) {
        return yield* new RepoInUse({ reasons: reasons.filter((reason) => reason !== null) })
      }
      // so that a removal which is cut short is known as one
      const early = repos.filter(({ state }) => state === "READY" || state === "INIT")
      yield* hub.setRepoStates(
        early.map(({ id }) => id),
        "EXPIRED"
      )
      yield* deriveLatest(repos)
      const left = yield* Effect.forEach(repos, removeRepo)
      yield* deriveLatest(repos)
      return { removed: repos.map(({ id }) => id), left: left.flat(), trees: yield* clearUnused }
    })
    return yield* hub.withPublishLock(work)
  })

/**
 * Expires and removes repos by their age: of one tag, or of all. The lock is taken for each repo that is removed, so that exports need
 * not wait for all of them; what was pinned or published meanwhile is looked at again. A run that is killed leaves each repo
 * whole or on its way, and the next one goes on. `onRemove` is told of each repo before it goes.
 */
export const retainRepos = (
  tag: string | undefined,
  policy: RetentionPolicy,
  onRemove: (repo: RepoRow) => Effect.Effect<void>
): Effect.Effect<Retained, RepoLifeError, Hub> =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const judgements = yield* hub.withPublishLock(
      Effect.gen(function* () {
        yield* hub.updateEndEvents
        const found = yield* judgeAll(tag, policy)
        const expiring = found.filter(({ verdict }) => verdict === "expires").map(({ repo }) => repo)
        yield* hub.setRepoStates(
          expiring.map(({ id }) => id),
          "EXPIRED"
        )
        yield* deriveLatest(found.map(({ repo }) => repo))
        return found
      })
    )
    const removed: Array<number> = []
    const left: Array<string> = []
    for (const { repo } of judgements.filter(({ verdict }) => verdict === "goes")) {
      // whoever waits for the lock looks every 50 ms
      if (removed.length > 0) yield* Effect.sleep(Duration.millis(100))
      yield* hub.withPublishLock(
        Effect.gen(function* () {
          const now = yield* hub.repo(repo.id)
          if (now.state !== repo.state || (now.pinned && now.state !== "INIT")) return
          yield* onRemove(repo)
          left.push(...(yield* removeRepo(now)))
          removed.push(repo.id)
        })
      )
    }
    const trees = yield* hub.withPublishLock(clearUnused)
    return { judgements, removed, left, trees }
  })

/** What {@link retainRepos} would do: `trees` are those that are unused now; those of repos that would go are not among them. */
export const plannedRetention = (
  tag: string | undefined,
  policy: RetentionPolicy
): Effect.Effect<Retained, UnwritableTree | HubUnavailable | NoSuchTag, Hub> =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const judgements = yield* judgeAll(tag, policy)
    return { judgements, removed: [], left: [], trees: yield* unusedTrees(hub.topdir, yield* otherVolumes) }
  })

const judgeAll = (tag: string | undefined, policy: RetentionPolicy) =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const repos = yield* hub.queryRepos({
      states: ["INIT", "READY", "EXPIRED", "PROBLEM"],
      ...(tag !== undefined && { tag })
    })
    const latest = new Map<string, string | undefined>()
    for (const [group, { kind, tagName }] of groupsOf(repos)) {
      const ready = yield* hub.latestRepo(tagName, kind)
      latest.set(group, ready === null ? readLatest(hub.topdir, tagName, kind) : String(ready.id))
    }
    const judged = repos.map((repo) => ({
      repo,
      isLatest: latest.get(groupOf(repo)) === String(repo.id),
      isThere: isRepoThere(hub.topdir, repo)
    }))
    return judgeRepos(judged, policy, yield* Clock.currentTimeMillis)
  })

/** Makes `latest` right for the tags and kinds of some repos. */
const deriveLatest = (repos: ReadonlyArray<RepoRow>) =>
  Effect.forEach(groupsOf(repos).values(), ({ kind, tagName }) => pointLatest(tagName, kind), { discard: true })

const groupsOf = (
  repos: ReadonlyArray<RepoRow>
): ReadonlyMap<string, { readonly kind: RepoKind; readonly tagName: string }> =>
  new Map(repos.map((repo) => [groupOf(repo), repo]))

const groupOf = ({ kind, tagId }: RepoRow): string => `${kind} ${tagId}`

/** Why a repo may not be deleted, in words; null where it may. */
const inUse = (repo: RepoRow, others: ReadonlyArray<number>, force: boolean) =>
  Effect.gen(function* () {
    const hub = yield* Hub
    if (repo.pinned && repo.state !== "INIT") return `Repo ${repo.id} is pinned; unpin-repo ${repo.id} lets it go`
    if (force || readLatest(hub.topdir, repo.tagName, repo.kind) !== String(repo.id)) return null
    const ready = yield* hub.queryRepos({ tag: repo.tagName, kind: repo.kind, states: ["READY"] })
    if (ready.some((other) => !others.includes(other.id) && hasUsualOptions(other))) return null
    return `latest of ${repo.tagName} leads to repo ${repo.id}, and no other of its repos would be READY; --force deletes it all the same`
  })

const otherVolumes = Effect.gen(function* () {
  const hub = yield* Hub
  return (yield* hub.volumes).filter(({ id }) => id !== 0).map(({ name }) => name)
})

const clearUnused = Effect.gen(function* () {
  const hub = yield* Hub
  return yield* removeUnusedTrees(hub.topdir, yield* otherVolumes)
})
