import { Either } from "effect"
import { NOW, type Reading, type Writing } from "./database.ts"
import { type HubRefused, NoSuchEvent, NoSuchRepo, type NoSuchTag } from "./errors.ts"
import type { Json, NewRepo, ReadyRepo, RepoKind, RepoRow, RepoState } from "./model.ts"
import { refuseAny } from "./refuse-any.ts"
import { firstChange, lastChange } from "./tag-changes.ts"
import { readTag } from "./tags.ts"
import { volumeId } from "./volumes.ts"

/** A new row in state INIT. Of an internal repo the time in which its content holds is looked up, as Koji does. */
export const repoInit = (tx: Writing, repo: NewRepo): Either.Either<number, NoSuchTag | NoSuchEvent | HubRefused> =>
  Either.gen(function* () {
    const tag = yield* readTag(tx, repo.tag, null)
    const event = tx.get("SELECT 1 FROM event WHERE id = :event", { event: repo.createEvent })
    if (event === undefined) return yield* Either.left(new NoSuchEvent({ event: repo.createEvent }))
    const internal = repo.kind === "internal"
    return tx.run(
      `INSERT INTO repo (tag_id, create_event, state, creation_time, state_time, content, options, fingerprint, root,
         dist, volume_id, begin_event, end_event, opts, custom_opts)
       VALUES (:tag, :event, 0, :now, :now, :content, :options, :fingerprint, :root,
         :dist, :volume, :begin, :end, :opts, :customOpts)`,
      {
        tag: tag.id,
        event: repo.createEvent,
        now: tx.now,
        content: repo.content,
        options: repo.options,
        fingerprint: repo.fingerprint,
        root: repo.root,
        dist: Number(!internal),
        volume: yield* volumeId(tx, repo.volume ?? null),
        begin: internal ? (lastChange(tx, tag.id, repo.createEvent + 1) ?? repo.createEvent) : null,
        end: internal ? firstChange(tx, tag.id, repo.createEvent) : null,
        opts: jsonText(repo.opts),
        customOpts: jsonText(repo.customOpts)
      }
    )
  })

/** Which repos are asked for; all of what is absent. */
export interface RepoQuery {
  readonly tag?: string
  readonly kind?: RepoKind
  readonly states?: ReadonlyArray<RepoState>
}

/** Oldest first. */
export const queryRepos = (
  tx: Reading,
  { kind, states, tag }: RepoQuery
): Either.Either<ReadonlyArray<RepoRow>, NoSuchTag> =>
  Either.gen(function* () {
    const tagId = tag === undefined ? null : (yield* readTag(tx, tag, null)).id
    return tx
      .all<Row>(
        `${SELECT_REPOS} WHERE repo.tag_id = coalesce(:tag, repo.tag_id) AND repo.dist = coalesce(:dist, repo.dist)
           AND (:states IS NULL OR repo.state IN (SELECT value FROM json_each(:states))) ORDER BY repo.id`,
        {
          tag: tagId,
          dist: kind === undefined ? null : Number(kind === "dist"),
          states: states === undefined ? null : JSON.stringify(states.map((state) => STATES.indexOf(state)))
        }
      )
      .map((row) => repoOf(tx, row))
  })

/** A tag's repos in state INIT, oldest first. */
export const unfinishedRepos = (
  tx: Reading,
  name: string,
  kind: RepoKind
): Either.Either<ReadonlyArray<PlacedRepo>, NoSuchTag> =>
  Either.map(readTag(tx, name, null), (tag) =>
    tx.all<PlacedRepo>(
      `SELECT repo.id, volume.name AS volume FROM repo LEFT JOIN volume ON volume.id = repo.volume_id
       WHERE tag_id = :tag AND dist = :dist AND state = 0 ORDER BY repo.id`,
      { tag: tag.id, dist: Number(kind === "dist") }
    )
  )

/** A repo, and the volume that it lies on; null: DEFAULT. */
export type PlacedRepo = Pick<RepoRow, "id" | "volume">

/**
 * The READY repo of a tag that is first in this order, of those with these options, or Koji's options, where they are given. What
 * `latest` names is the first of the greatest event; internal repos whose options are not the tag's own never are.
 */
export const readyRepo = (
  tx: Reading,
  name: string,
  {
    kind,
    options,
    opts,
    order
  }: {
    readonly kind: RepoKind
    readonly order: "newest" | "latest"
    readonly options?: string
    readonly opts?: { readonly [key: string]: Json }
  }
): Either.Either<ReadyRepo | null, NoSuchTag> =>
  Either.map(readTag(tx, name, null), ({ id }) => {
    const same = `${options === undefined ? "" : "AND repo.options = :options"} ${opts === undefined ? "" : "AND repo.opts = :opts"}`
    const usual = kind === "internal" && order === "latest" ? "AND repo.custom_opts = '{}'" : ""
    const by = order === "newest" ? "repo.id DESC" : "repo.create_event DESC, repo.id DESC"
    const row = tx.get<Row>(
      `${SELECT_REPOS} WHERE repo.tag_id = :tag AND repo.dist = :dist AND repo.state = 1 ${same} ${usual} ORDER BY ${by} LIMIT 1`,
      {
        tag: id,
        dist: Number(kind === "dist"),
        ...(options !== undefined && { options }),
        ...(opts !== undefined && { opts: jsonText(opts) })
      }
    )
    return row ? rowOf(row) : null
  })

export interface GetRepoOptions {
  readonly kind?: RepoKind
  /** READY where absent. */
  readonly state?: RepoState
  /** Repos of content up to this event, whatever their state. */
  readonly event?: number
  /** Repos of content from this event on. */
  readonly minEvent?: number
}

/** Koji's `getRepo`: of the repos asked for the one that was made last. */
export const getRepo = (
  tx: Reading,
  name: string,
  { event, kind = "internal", minEvent, state = "READY" }: GetRepoOptions
): Either.Either<RepoRow | null, NoSuchTag> =>
  Either.map(readTag(tx, name, null), ({ id }) => {
    const row = tx.get<Row>(
      `${SELECT_REPOS} WHERE repo.tag_id = :tag AND repo.dist = :dist AND repo.create_event BETWEEN :from AND :until
         AND repo.state = coalesce(:state, repo.state) ORDER BY repo.creation_time DESC, repo.id DESC LIMIT 1`,
      {
        tag: id,
        dist: Number(kind === "dist"),
        from: minEvent ?? 0,
        until: event ?? NOW,
        state: event === undefined ? STATES.indexOf(state) : null
      }
    )
    return row ? repoOf(tx, row) : null
  })

/** Koji's rules: a state's number may only rise, except to DELETED, which nothing leaves. All of them are moved, or none. */
export const setRepoStates = (
  tx: Writing,
  ids: ReadonlyArray<number>,
  state: RepoState
): Either.Either<void, NoSuchRepo | HubRefused> =>
  Either.gen(function* () {
    const repos = yield* Either.all([...new Set(ids)].map((id) => readRepo(tx, id)))
    yield* refuseAny(repos.map((repo) => badMove(repo, state)))
    for (const repo of repos) {
      if (repo.state === state) continue
      tx.run("UPDATE repo SET state = :to, state_time = :now WHERE id = :id", {
        id: repo.id,
        to: STATES.indexOf(state),
        now: tx.now
      })
    }
  })

const badMove = ({ id, state: from }: RepoRow, to: RepoState): string | undefined => {
  if (from === to || to === "DELETED") return undefined
  if (STATES.indexOf(to) < STATES.indexOf(from)) return `Invalid repo state transition for repo ${id}: ${from} -> ${to}`
  return from === "DELETED" ? `Repo ${id} is deleted` : undefined
}

/** Pins repos, or unpins them. Gives those that were not so before. */
export const pinRepos = (
  tx: Writing,
  ids: ReadonlyArray<number>,
  pinned: boolean
): Either.Either<ReadonlyArray<number>, NoSuchRepo | HubRefused> =>
  Either.gen(function* () {
    const repos = yield* Either.all([...new Set(ids)].map((id) => readRepo(tx, id)))
    yield* refuseAny(
      repos.map(({ id, state }) => (pinned && state === "DELETED" ? `Repo ${id} is deleted` : undefined))
    )
    const changed = repos.filter((repo) => repo.pinned !== pinned).map(({ id }) => id)
    for (const id of changed) tx.run("UPDATE repo SET pinned = :pinned WHERE id = :id", { id, pinned: Number(pinned) })
    return changed
  })

export const readRepo = (tx: Reading, id: number): Either.Either<RepoRow, NoSuchRepo> => {
  const row = tx.get<Row>(`${SELECT_REPOS} WHERE repo.id = :id`, { id })
  return row ? Either.right(repoOf(tx, row)) : Either.left(new NoSuchRepo({ repo: id }))
}

/** Keeps the end events of READY repos that have one by now. Source: Koji's repo.updateEndEvents. */
export const updateEndEvents = (tx: Writing): Either.Either<void> => {
  const open = tx.all<Pick<Row, "id" | "tag_id" | "create_event">>(
    "SELECT id, tag_id, create_event FROM repo WHERE state = 1 AND end_event IS NULL"
  )
  for (const { create_event, id, tag_id } of open) {
    const end = firstChange(tx, tag_id, create_event)
    if (end !== null) tx.run("UPDATE repo SET end_event = :end WHERE id = :id", { id, end })
  }
  return Either.void
}

/** A state's number is its place here. */
const STATES: ReadonlyArray<RepoState> = ["INIT", "READY", "EXPIRED", "DELETED", "PROBLEM"]

interface Row {
  readonly id: number
  readonly tag_id: number
  readonly tag_name: string
  readonly state: number
  readonly create_event: number
  readonly create_time: number
  readonly creation_time: number
  readonly state_time: number
  readonly content: string
  readonly options: string
  readonly fingerprint: string
  readonly root: string
  readonly dist: number
  readonly volume: string | null
  readonly begin_event: number | null
  readonly end_event: number | null
  readonly opts: string | null
  readonly custom_opts: string | null
  readonly pinned: number
}

const SELECT_REPOS = `SELECT repo.id, repo.tag_id, tag.name AS tag_name, repo.state, repo.create_event,
  event.time AS create_time, repo.creation_time, repo.state_time, repo.content, repo.options, repo.fingerprint, repo.root,
  repo.dist, volume.name AS volume, repo.begin_event, repo.end_event, repo.opts, repo.custom_opts, repo.pinned
  FROM repo JOIN tag ON tag.id = repo.tag_id JOIN event ON event.id = repo.create_event
  LEFT JOIN volume ON volume.id = repo.volume_id`

/** Where nobody has kept the end of a READY repo's content it is looked up; of the others nobody does, as in Koji. */
const repoOf = (tx: Reading, row: Row): RepoRow => ({
  ...rowOf(row),
  endEvent: row.end_event ?? (row.state === 1 ? firstChange(tx, row.tag_id, row.create_event) : null)
})

const rowOf = (row: Row): ReadyRepo => ({
  id: row.id,
  tagId: row.tag_id,
  tagName: row.tag_name,
  kind: row.dist === 0 ? "internal" : "dist",
  state: STATES[row.state] ?? "PROBLEM",
  createEvent: row.create_event,
  createTime: row.create_time,
  creationTime: row.creation_time,
  stateTime: row.state_time,
  beginEvent: row.begin_event,
  volume: row.volume,
  opts: row.opts === null ? null : JSON.parse(row.opts),
  customOpts: row.custom_opts === null ? null : JSON.parse(row.custom_opts),
  pinned: row.pinned !== 0,
  content: row.content,
  options: row.options,
  fingerprint: row.fingerprint,
  root: row.root
})

const jsonText = (value: { readonly [key: string]: Json } | undefined): string | null =>
  value === undefined ? null : JSON.stringify(value)
