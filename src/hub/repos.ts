import { Either } from "effect"
import type { Reading, Writing } from "./database.ts"
import { HubRefused, NoSuchEvent, NoSuchRepo, type NoSuchTag } from "./errors.ts"
import type { NewRepo, RepoRow, RepoState } from "./model.ts"
import { readTag } from "./tags.ts"

export const repoInit = (tx: Writing, repo: NewRepo): Either.Either<number, NoSuchTag | NoSuchEvent> =>
  Either.gen(function* () {
    const tag = yield* readTag(tx, repo.tag, null)
    const event = tx.get("SELECT 1 FROM event WHERE id = :event", { event: repo.createEvent })
    if (event === undefined) return yield* Either.left(new NoSuchEvent({ event: repo.createEvent }))
    return tx.run(
      `INSERT INTO repo (tag_id, create_event, state, creation_time, state_time, content, options, fingerprint, root)
       VALUES (:tag, :event, 0, :now, :now, :content, :options, :fingerprint, :root)`,
      {
        tag: tag.id,
        event: repo.createEvent,
        now: tx.now,
        content: repo.content,
        options: repo.options,
        fingerprint: repo.fingerprint,
        root: repo.root
      }
    )
  })

/** All repos of a tag, oldest first. */
export const readRepos = (tx: Reading, name: string): Either.Either<ReadonlyArray<RepoRow>, NoSuchTag> =>
  Either.map(readTag(tx, name, null), ({ id }) =>
    tx.all<Row>(`${SELECT_REPOS} WHERE repo.tag_id = :tag ORDER BY repo.id`, { tag: id }).map(repoOf)
  )

/** The ids of a tag's repos in state INIT, oldest first. */
export const unfinishedRepos = (tx: Reading, name: string): Either.Either<ReadonlyArray<number>, NoSuchTag> =>
  Either.map(readTag(tx, name, null), (tag) =>
    tx
      .all<Pick<Row, "id">>("SELECT id FROM repo WHERE tag_id = :tag AND state = 0 ORDER BY id", { tag: tag.id })
      .map(({ id }) => id)
  )

/** The first READY repo of a tag in this order, of those with these options where they are given. */
export const readyRepo = (
  tx: Reading,
  name: string,
  order: "newest" | "latest",
  options?: string
): Either.Either<RepoRow | null, NoSuchTag> =>
  Either.map(readTag(tx, name, null), ({ id }) => {
    const same = options === undefined ? "" : "AND repo.options = :options"
    const by = order === "newest" ? "repo.id DESC" : "repo.create_event DESC, repo.id DESC"
    const row = tx.get<Row>(
      `${SELECT_REPOS} WHERE repo.tag_id = :tag AND repo.state = 1 ${same} ORDER BY ${by} LIMIT 1`,
      { tag: id, ...(options !== undefined && { options }) }
    )
    return row ? repoOf(row) : null
  })

/** Koji's rules: a state's number may only rise, except to DELETED, which nothing leaves. */
export const setRepoState = (tx: Writing, id: number, state: RepoState): Either.Either<void, NoSuchRepo | HubRefused> =>
  Either.gen(function* () {
    const repo = yield* readRepo(tx, id)
    const from = STATES.indexOf(repo.state)
    const to = STATES.indexOf(state)
    if (from === to) return
    if (state !== "DELETED") {
      if (to < from) {
        const reason = `Invalid repo state transition for repo ${id}: ${repo.state} -> ${state}`
        return yield* Either.left(new HubRefused({ reason }))
      }
      if (repo.state === "DELETED") return yield* Either.left(new HubRefused({ reason: `Repo ${id} is deleted` }))
    }
    tx.run("UPDATE repo SET state = :to, state_time = :now WHERE id = :id", { id, to, now: tx.now })
  })

const readRepo = (tx: Reading, id: number): Either.Either<RepoRow, NoSuchRepo> => {
  const row = tx.get<Row>(`${SELECT_REPOS} WHERE repo.id = :id`, { id })
  return row ? Either.right(repoOf(row)) : Either.left(new NoSuchRepo({ repo: id }))
}

/** A state's number is its place here. */
const STATES: ReadonlyArray<RepoState> = ["INIT", "READY", "EXPIRED", "DELETED", "PROBLEM"]

interface Row {
  readonly id: number
  readonly tag_id: number
  readonly tag_name: string
  readonly state: number
  readonly create_event: number
  readonly creation_time: number
  readonly state_time: number
  readonly content: string
  readonly options: string
  readonly fingerprint: string
  readonly root: string
}

const SELECT_REPOS = `SELECT repo.id, repo.tag_id, tag.name AS tag_name, repo.state, repo.create_event, repo.creation_time,
  repo.state_time, repo.content, repo.options, repo.fingerprint, repo.root FROM repo JOIN tag ON tag.id = repo.tag_id`

const repoOf = (row: Row): RepoRow => ({
  id: row.id,
  tagId: row.tag_id,
  tagName: row.tag_name,
  state: STATES[row.state] ?? "PROBLEM",
  createEvent: row.create_event,
  creationTime: row.creation_time,
  stateTime: row.state_time,
  content: row.content,
  options: row.options,
  fingerprint: row.fingerprint,
  root: row.root
})
