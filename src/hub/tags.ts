import { Either } from "effect"
import { tagName } from "../koji/tag-name.ts"
import { archList } from "./arch-list.ts"
import { NOW, type Reading, visible, type Writing } from "./database.ts"
import { HubRefused, NoSuchTag } from "./errors.ts"
import { readInheritance } from "./inheritance-rows.ts"
import type { BuildConfig, Json, TagInfo } from "./model.ts"
import { refuseAny } from "./refuse-any.ts"

export interface TagChange {
  readonly arches?: string
  readonly locked?: boolean
  readonly extra?: Readonly<Record<string, Json>>
  readonly removeExtra?: ReadonlyArray<string>
  readonly blockExtra?: ReadonlyArray<string>
}

/** A tag as it was at an event; it exists while it has a configuration. */
export const readTag = (tx: Reading, name: string, event: number | null): Either.Either<TagInfo, NoSuchTag> => {
  const row = tx.get<TagRow>(`${SELECT_TAGS} AND tag.name = :name`, { name, event: event ?? NOW })
  if (!row) return Either.left(new NoSuchTag({ tag: name, event }))
  return Either.right(tagOf(row, ownExtra(tx, row.id, event)))
}

/** All tags of an event, by name. */
export const readTags = (tx: Reading, event: number | null): ReadonlyArray<TagInfo> =>
  tx
    .all<TagRow>(`${SELECT_TAGS} ORDER BY tag.name`, { event: event ?? NOW })
    .map((row) => tagOf(row, ownExtra(tx, row.id, event)))

/** A tag with the extra of its parents: the nearest tag that has a key, or blocks it, decides. */
export const readBuildConfig = (
  tx: Reading,
  name: string,
  event: number | null
): Either.Either<BuildConfig, NoSuchTag> =>
  Either.gen(function* () {
    const tag = yield* readTag(tx, name, event)
    const extra = ownExtra(tx, tag.id, event)
    const inheritedFrom = new Map<string, string>()
    for (const link of readInheritance(tx, tag.id, event)) {
      if (link.noconfig) continue
      for (const [key, value] of ownExtra(tx, link.parentId, event)) {
        if (extra.has(key)) continue
        extra.set(key, value)
        if (value !== null) inheritedFrom.set(key, link.name)
      }
    }
    return { ...tag, extra: visibleExtra(extra), inheritedFrom: Object.fromEntries(inheritedFrom) }
  })

export const addTag = (
  tx: Writing,
  name: string,
  options: { readonly arches?: string; readonly extra?: Readonly<Record<string, Json>> }
): Either.Either<TagInfo, HubRefused> =>
  Either.gen(function* () {
    yield* Either.mapLeft(tagName(name), (bad) => new HubRefused({ reason: bad.message }))
    if (Either.isRight(readTag(tx, name, null))) {
      return yield* Either.left(new HubRefused({ reason: `A tag with the name '${name}' already exists` }))
    }
    const arches = yield* archList(options.arches ?? "")
    const event = tx.newEvent()
    const id = tx.run("INSERT INTO tag (name) VALUES (:name)", { name })
    tx.run(INSERT_CONFIG, { tag: id, arches, locked: 0, event, user: tx.user })
    setExtra(tx, id, event, Object.entries(options.extra ?? {}))
    return tagOf({ id, name, arches, locked: 0 }, ownExtra(tx, id, null))
  })

export const editTag = (tx: Writing, name: string, change: TagChange): Either.Either<TagInfo, HubRefused | NoSuchTag> =>
  Either.gen(function* () {
    const tag = yield* readTag(tx, name, null)
    const arches = change.arches === undefined ? tag.arches : yield* archList(change.arches)
    const locked = change.locked ?? tag.locked
    const own = ownExtra(tx, tag.id, null)
    const removed = change.removeExtra ?? []
    yield* refuseAny(removed.filter((key) => !own.has(key)).map((key) => `Tag ${name} has no extra key '${key}'`))
    const values: ReadonlyArray<readonly [string, Json | undefined]> = [
      ...Object.entries(change.extra ?? {}),
      ...(change.blockExtra ?? []).map((key) => [key, undefined] as const)
    ]
    const changed = values.filter(([key, value]) => !own.has(key) || own.get(key) !== jsonText(value))
    const configChanged = arches !== tag.arches || locked !== tag.locked
    if (!configChanged && changed.length + removed.length === 0) return tag
    const event = tx.newEvent()
    if (configChanged) {
      tx.run(
        "UPDATE tag_config SET revoke_event = :event, revoker = :user WHERE tag_id = :tag AND revoke_event IS NULL",
        { tag: tag.id, event, user: tx.user }
      )
      tx.run(INSERT_CONFIG, { tag: tag.id, arches, locked: Number(locked), event, user: tx.user })
    }
    for (const key of [...removed, ...changed.map(([key]) => key)]) {
      tx.run(
        "UPDATE tag_extra SET revoke_event = :event, revoker = :user WHERE tag_id = :tag AND key = :key AND revoke_event IS NULL",
        { tag: tag.id, key, event, user: tx.user }
      )
    }
    setExtra(tx, tag.id, event, changed)
    return yield* readTag(tx, name, null)
  })

interface TagRow {
  readonly id: number
  readonly name: string
  readonly arches: string
  readonly locked: number
}

const SELECT_TAGS = `SELECT tag.id, tag.name, config.arches, config.locked FROM tag JOIN tag_config config ON config.tag_id = tag.id
  WHERE ${visible("config")}`

const INSERT_CONFIG =
  "INSERT INTO tag_config (tag_id, arches, locked, create_event, creator) VALUES (:tag, :arches, :locked, :event, :user)"

const tagOf = (row: TagRow, extra: ReadonlyMap<string, string | null>): TagInfo => ({
  id: row.id,
  name: row.name,
  arches: row.arches,
  locked: row.locked !== 0,
  extra: visibleExtra(extra)
})

/** A tag's own extra: JSON text by key, null where the key is blocked. */
const ownExtra = (tx: Reading, tag: number, event: number | null): Map<string, string | null> =>
  new Map(
    tx
      .all<{ readonly key: string; readonly value: string | null }>(
        `SELECT key, value FROM tag_extra extra WHERE tag_id = :tag AND ${visible("extra")} ORDER BY key`,
        { tag, event: event ?? NOW }
      )
      .map(({ key, value }) => [key, value])
  )

const visibleExtra = (extra: ReadonlyMap<string, string | null>): Record<string, Json> => {
  const values: Array<readonly [string, Json]> = []
  for (const [key, value] of extra) if (value !== null) values.push([key, JSON.parse(value)])
  return Object.fromEntries(values.sort(([a], [b]) => (a < b ? -1 : 1)))
}

const jsonText = (value: Json | undefined): string | null => (value === undefined ? null : JSON.stringify(value))

const setExtra = (
  tx: Writing,
  tag: number,
  event: number,
  values: ReadonlyArray<readonly [string, Json | undefined]>
): void => {
  for (const [key, value] of values) {
    tx.run(
      "INSERT INTO tag_extra (tag_id, key, value, create_event, creator) VALUES (:tag, :key, :value, :event, :user)",
      { tag, key, value: jsonText(value), event, user: tx.user }
    )
  }
}
