import { Either } from "effect"
import type { MergeMode } from "../koji/merge-repos.ts"
import { archList } from "./arch-list.ts"
import { NOW, type Reading, visible, type Writing } from "./database.ts"
import { HubRefused, type NoSuchTag } from "./errors.ts"
import { readInheritance } from "./inheritance-rows.ts"
import type { ExternalRepo, TagExternalRepo } from "./model.ts"
import { refuseAny } from "./refuse-any.ts"
import { readTag } from "./tags.ts"

/** How a tag is to use an external repo. */
export interface ExternalRepoUse {
  readonly tag: string
  /** Null: after those that the tag has, with room for others in between. */
  readonly priority: number | null
  readonly mode: MergeMode
  /** Separated by spaces or commas; null: all arches. */
  readonly arches: string | null
}

type Changed<A> = Either.Either<A, NoSuchTag | HubRefused>

/** The external repos of an event, by name. */
export const readExternalRepos = (tx: Reading, event: number | null): ReadonlyArray<ExternalRepo> =>
  tx.all<ExternalRepo>(`${SELECT_REPOS} ORDER BY repo.name`, { event: event ?? NOW })

/** Which tags use which external repos, by priority; those of a tag, or of a repo, where one is named. */
export const readTagExternalRepos = (
  tx: Reading,
  { tag, repo, event = null }: { readonly tag?: string; readonly repo?: string; readonly event?: number | null }
): Changed<ReadonlyArray<TagExternalRepo>> =>
  Either.gen(function* () {
    const tagId = tag === undefined ? null : (yield* readTag(tx, tag, event)).id
    const repoId = repo === undefined ? null : (yield* externalRepo(tx, repo, event)).id
    return usesOf(tx, { tagId, repoId, event })
  })

/** The external repos of a tag and its parents: depth first, by priority, each once. Source: Koji's getExternalRepoList. */
export const externalRepoList = (
  tx: Reading,
  name: string,
  event: number | null
): Either.Either<ReadonlyArray<TagExternalRepo>, NoSuchTag> =>
  Either.map(readTag(tx, name, event), ({ id }) => {
    const chain = [id, ...readInheritance(tx, id, event).map(({ parentId }) => parentId)]
    const list = new Map<number, TagExternalRepo>()
    for (const tagId of chain) {
      for (const use of usesOf(tx, { tagId, repoId: null, event })) {
        if (!list.has(use.externalRepoId)) list.set(use.externalRepoId, use)
      }
    }
    return [...list.values()]
  })

/** Makes an external repo where a URL is given, and has tags use it; one event for all. Gives its id and the uses. */
export const addExternalRepo = (
  tx: Writing,
  name: string,
  url: string | null,
  uses: ReadonlyArray<ExternalRepoUse>
): Changed<{ readonly id: number; readonly uses: ReadonlyArray<TagExternalRepo> }> =>
  Either.gen(function* () {
    const event = tx.newEvent()
    const { id } = url === null ? yield* externalRepo(tx, name, null) : yield* newRepo(tx, name, url, event)
    for (const use of uses) yield* addUse(tx, { id, name }, use, event)
    return {
      id,
      uses: usesOf(tx, { tagId: null, repoId: id, event: null }).filter(({ createEvent }) => createEvent === event)
    }
  })

/** Gives an external repo another URL or name. The name is not versioned: it is the new one in the past too, as in Koji. */
export const editExternalRepo = (
  tx: Writing,
  repo: string,
  change: { readonly name?: string; readonly url?: string }
): Either.Either<void, HubRefused> =>
  Either.gen(function* () {
    const { id, url } = yield* externalRepo(tx, repo, null)
    if (change.name !== undefined && change.name !== repo) {
      yield* refuseAny([badName(change.name)])
      const taken = tx.get<{ readonly id: number }>("SELECT id FROM external_repo WHERE name = :name", {
        name: change.name
      })
      if (taken) return yield* refuse(`name "${change.name}" is already taken by external repo ${taken.id}`)
      tx.run("UPDATE external_repo SET name = :name WHERE id = :id", { id, name: change.name })
    }
    const wanted = change.url === undefined ? url : yield* urlOf(change.url)
    if (wanted !== url) setUrl(tx, id, wanted, tx.newEvent())
  })

/** Changes how a tag uses an external repo; what is absent stays. */
export const editTagExternalRepo = (
  tx: Writing,
  tag: string,
  repo: string,
  change: { readonly priority?: number; readonly mode?: MergeMode; readonly arches?: string }
): Changed<void> =>
  Either.gen(function* () {
    const { id: tagId } = yield* readTag(tx, tag, null)
    const { id } = yield* externalRepo(tx, repo, null)
    const [use] = usesOf(tx, { tagId, repoId: id, event: null })
    if (use === undefined) return yield* refuse(`external repo ${repo} not associated with tag ${tag}`)
    const arches = change.arches === undefined ? use.arches : yield* archList(change.arches)
    const wanted = { tag, priority: change.priority ?? use.priority, mode: change.mode ?? use.mergeMode, arches }
    if (wanted.priority === use.priority && wanted.mode === use.mergeMode && arches === use.arches) return
    const event = tx.newEvent()
    revokeUse(tx, tagId, id, event)
    yield* addUse(tx, { id, name: repo }, wanted, event)
  })

/** Ends the use of an external repo by tags; one event for all. */
export const removeTagExternalRepo = (tx: Writing, repo: string, tags: ReadonlyArray<string>): Changed<void> =>
  Either.gen(function* () {
    const { id } = yield* externalRepo(tx, repo, null)
    const ids = yield* Either.all([...new Set(tags)].map((tag) => readTag(tx, tag, null)))
    yield* refuseAny(
      ids
        .filter((tag) => usesOf(tx, { tagId: tag.id, repoId: id, event: null }).length === 0)
        .map((tag) => `external repo ${repo} not associated with tag ${tag.name}`)
    )
    const event = tx.newEvent()
    for (const tag of ids) revokeUse(tx, tag.id, id, event)
  })

/** Ends an external repo, and its use by all tags. Its name stays its own: made anew it is the same one. */
export const deleteExternalRepo = (tx: Writing, repo: string): Either.Either<void, HubRefused> =>
  Either.map(externalRepo(tx, repo, null), ({ id }) => {
    const event = tx.newEvent()
    for (const { tagId } of usesOf(tx, { tagId: null, repoId: id, event: null })) revokeUse(tx, tagId, id, event)
    revokeUrl(tx, id, event)
  })

const refuse = (reason: string) => Either.left(new HubRefused({ reason }))

const externalRepo = (tx: Reading, name: string, event: number | null): Either.Either<ExternalRepo, HubRefused> =>
  Either.fromNullable(
    tx.get<ExternalRepo>(`${SELECT_REPOS} AND repo.name = :name`, { name, event: event ?? NOW }),
    () => new HubRefused({ reason: `No such repo: ${name}` })
  )

const newRepo = (
  tx: Writing,
  name: string,
  url: string,
  event: number
): Either.Either<{ readonly id: number }, HubRefused> =>
  Either.gen(function* () {
    yield* refuseAny([badName(name)])
    if (Either.isRight(externalRepo(tx, name, null))) {
      return yield* refuse(`An external repo named "${name}" already exists`)
    }
    const wanted = yield* urlOf(url)
    const former = tx.get<{ readonly id: number }>("SELECT id FROM external_repo WHERE name = :name", { name })
    const id = former?.id ?? tx.run("INSERT INTO external_repo (name) VALUES (:name)", { name })
    setUrl(tx, id, wanted, event)
    return { id }
  })

const badName = (name: string): string | undefined =>
  /^[A-Za-z0-9/_.+-]{1,256}$/.test(name) ? undefined : `'${name}' is no name of an external repo`

/** Koji's end with a slash. `$arch` stands for the arch of the repository that it is merged into. */
const urlOf = (text: string): Either.Either<string, HubRefused> => {
  const url = URL.parse(text.replaceAll("$arch", "arch"))
  return url !== null && ["http:", "https:", "ftp:", "file:"].includes(url.protocol) && !/[\s\p{C}]/u.test(text)
    ? Either.right(text.endsWith("/") ? text : `${text}/`)
    : refuse(`'${text}' is no URL of a repository: it must begin with http://, https://, ftp:// or file://`)
}

const addUse = (
  tx: Writing,
  repo: { readonly id: number; readonly name: string },
  { arches, mode, priority, tag }: ExternalRepoUse,
  event: number
): Changed<void> =>
  Either.gen(function* () {
    const { id: tagId } = yield* readTag(tx, tag, null)
    const uses = usesOf(tx, { tagId, repoId: null, event: null })
    if (uses.some(({ externalRepoId }) => externalRepoId === repo.id)) {
      return yield* refuse(`tag ${tag} already associated with external repo ${repo.name}`)
    }
    const wanted = priority ?? freePriority(uses)
    if (!Number.isSafeInteger(wanted)) return yield* refuse("The priority of an external repo must be a whole number")
    if (uses.some((use) => use.priority === wanted)) {
      return yield* refuse(`tag ${tag} already associated with an external repo at priority ${wanted}`)
    }
    tx.run(
      `INSERT INTO tag_external_repo (tag_id, external_repo_id, priority, merge_mode, arches, create_event, creator)
       VALUES (:tag, :repo, :priority, :mode, :arches, :event, :user)`,
      {
        tag: tagId,
        repo: repo.id,
        priority: wanted,
        mode,
        arches: arches === null ? null : yield* archList(arches),
        event,
        user: tx.user
      }
    )
  })

/** A multiple of five, at least three after the last one. Source: Koji's client. */
const freePriority = (uses: ReadonlyArray<TagExternalRepo>): number => {
  const last = uses.at(-1)
  return last === undefined ? 5 : Math.floor((last.priority + 7) / 5) * 5
}

const revokeUse = (tx: Writing, tag: number, repo: number, event: number): void => {
  tx.run(
    `UPDATE tag_external_repo SET revoke_event = :event, revoker = :user
     WHERE tag_id = :tag AND external_repo_id = :repo AND revoke_event IS NULL`,
    { tag, repo, event, user: tx.user }
  )
}

const revokeUrl = (tx: Writing, repo: number, event: number): void => {
  tx.run(
    `UPDATE external_repo_config SET revoke_event = :event, revoker = :user
     WHERE external_repo_id = :repo AND revoke_event IS NULL`,
    { repo, event, user: tx.user }
  )
}

const setUrl = (tx: Writing, repo: number, url: string, event: number): void => {
  revokeUrl(tx, repo, event)
  tx.run(
    `INSERT INTO external_repo_config (external_repo_id, url, create_event, creator) VALUES (:repo, :url, :event, :user)`,
    { repo, url, event, user: tx.user }
  )
}

const SELECT_REPOS = `SELECT repo.id, repo.name, config.url FROM external_repo repo
  JOIN external_repo_config config ON config.external_repo_id = repo.id WHERE ${visible("config")}`

const usesOf = (
  tx: Reading,
  {
    event,
    repoId,
    tagId
  }: { readonly tagId: number | null; readonly repoId: number | null; readonly event: number | null }
): ReadonlyArray<TagExternalRepo> =>
  tx.all<TagExternalRepo>(
    `SELECT repo.id AS externalRepoId, repo.name AS externalRepoName, use.priority, tag.id AS tagId, tag.name AS tagName,
       config.url, use.merge_mode AS mergeMode, use.arches, use.create_event AS createEvent
     FROM tag_external_repo use JOIN tag ON tag.id = use.tag_id JOIN external_repo repo ON repo.id = use.external_repo_id
     JOIN external_repo_config config ON config.external_repo_id = repo.id
     WHERE ${visible("use")} AND ${visible("config")}
       AND use.tag_id = coalesce(:tag, use.tag_id) AND repo.id = coalesce(:repo, repo.id)
     ORDER BY use.priority, tag.name`,
    { tag: tagId, repo: repoId, event: event ?? NOW }
  )
