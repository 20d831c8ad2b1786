import type { RepoKind } from "../hub/model.ts"
import { repoPath } from "../publish/publish-repo.ts"

/** A repo that is just what would be made. */
export interface StandingRepo {
  readonly id: number
  readonly path: string
}

/** What makes two repos of a tag equal. */
export interface RepoIdentity {
  readonly content: string
  readonly options: string
  readonly fingerprint: string
}

/** A tag's newest READY repo, where it is just what would be made and is there with all these arches. */
export const standingRepoOf = (
  newest: (RepoIdentity & { readonly id: number }) | null,
  identity: RepoIdentity,
  place: {
    readonly topdir: string
    readonly tag: string
    readonly arches: ReadonlyArray<string>
    readonly kind: RepoKind
  }
): StandingRepo | undefined => {
  const same =
    newest !== null &&
    newest.content === identity.content &&
    newest.options === identity.options &&
    newest.fingerprint === identity.fingerprint
  const path = same ? repoPath(place.topdir, place.tag, newest.id, place.arches, place.kind) : undefined
  return newest === null || path === undefined ? undefined : { id: newest.id, path }
}
