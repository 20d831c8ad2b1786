import type { RepoRow } from "../hub/model.ts"

/** Which repos stay. Times in seconds. */
export interface RetentionPolicy {
  /** So many of the newest READY repos of each tag and kind stay, whatever their age. */
  readonly keep: number
  /** A READY repo stays for this long. */
  readonly lifetime: number
  /** An expired one, or one with a problem, stays for this long after it became so. */
  readonly expiredLifetime: number
}

/** What is to be known of a repo to judge it. */
export interface JudgedRepo {
  readonly repo: RepoRow
  /** Whether `latest` names it, or would once it is derived again. */
  readonly isLatest: boolean
  /** Whether its directory is there. */
  readonly isThere: boolean
}

/** What is to become of a repo, and why. */
export interface Judgement {
  readonly repo: RepoRow
  readonly verdict: "stays" | "expires" | "goes"
  readonly because: Because
}

export type Because =
  /** Somebody pinned it, `latest` leads to it, or it is one of the newest. */
  | { readonly _tag: "Pinned" }
  | { readonly _tag: "Latest" }
  | { readonly _tag: "Newest"; readonly keep: number }
  /** The tag has had no other content since, and no newer repo has its options. */
  | { readonly _tag: "Current" }
  /** It has been in its state for so many milliseconds, not as long as it may or longer. */
  | { readonly _tag: "Young"; readonly age: number }
  | { readonly _tag: "Old"; readonly age: number }
  /** Its export ended before it was READY. */
  | { readonly _tag: "Unfinished" }
  /** Its directory was removed, or a removal was cut short. */
  | { readonly _tag: "Gone" }

/**
 * Judges repos, which must be all that are not DELETED of the tags concerned. Koji's kojira has these rules, but there a READY repo whose
 * content is the tag's stays for ever, so that exports of an unchanged tag pile up, and repos of one event are all latest; here one that
 * a newer repo of the same options has replaced does not. `now` in milliseconds.
 */
export const judgeRepos = (
  repos: ReadonlyArray<JudgedRepo>,
  policy: RetentionPolicy,
  now: number
): ReadonlyArray<Judgement> => {
  const groups = Map.groupBy(repos, ({ repo }) => `${repo.kind} ${repo.tagId}`)
  const newest = new Set<RepoRow>()
  const replaced = new Set<RepoRow>()
  for (const group of groups.values()) {
    const ready = group
      .map(({ repo }) => repo)
      .filter(({ state }) => state === "READY")
      .sort((a, b) => b.createEvent - a.createEvent || b.id - a.id)
    for (const repo of ready.slice(0, policy.keep)) newest.add(repo)
    const options = new Set<string>()
    for (const repo of ready) {
      if (options.has(repo.options)) replaced.add(repo)
      options.add(repo.options)
    }
  }
  return repos.map((judged) => ({ repo: judged.repo, ...judge(judged, { policy, now, newest, replaced }) }))
}

/** Whether it can be what `latest` names: an internal repo with options of its own cannot. */
export const hasUsualOptions = ({ customOpts, kind }: RepoRow): boolean =>
  kind === "dist" || Object.keys(customOpts ?? {}).length === 0

interface Surroundings {
  readonly policy: RetentionPolicy
  readonly now: number
  readonly newest: ReadonlySet<RepoRow>
  /** Those of whose options there is a newer one. */
  readonly replaced: ReadonlySet<RepoRow>
}

const judge = (
  { isLatest, isThere, repo }: JudgedRepo,
  { newest, now, policy, replaced }: Surroundings
): Omit<Judgement, "repo"> => {
  // under the publish lock nobody is making it
  if (repo.state === "INIT") return { verdict: "goes", because: { _tag: "Unfinished" } }
  const stays = (because: Because) => ({ verdict: "stays", because }) as const
  if (repo.pinned) return stays({ _tag: "Pinned" })
  if (isLatest) return stays({ _tag: "Latest" })
  const age = now - repo.stateTime
  if (repo.state === "READY") {
    if (newest.has(repo)) return stays({ _tag: "Newest", keep: policy.keep })
    if (age <= policy.lifetime * 1000) return stays({ _tag: "Young", age })
    if (repo.endEvent === null && hasUsualOptions(repo) && !replaced.has(repo)) return stays({ _tag: "Current" })
    return { verdict: "expires", because: { _tag: "Old", age } }
  }
  if (!isThere) return { verdict: "goes", because: { _tag: "Gone" } }
  if (age < policy.expiredLifetime * 1000) return stays({ _tag: "Young", age })
  return { verdict: "goes", because: { _tag: "Old", age } }
}
