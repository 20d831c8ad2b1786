import { NOW, type Reading, visible } from "./database.ts"
import { readInheritance } from "./inheritance-rows.ts"

/**
 * The newest event before another (null: of all) that touched a tag or one that it inherits from as of then; null if none. A change is one of
 * configuration, extra, inheritance, package list, tagged builds, groups or external repos, and rpms that were imported
 * into a build that was tagged; signatures are none. Source: Koji's tagLastChangeEvent.
 */
export const lastChange = (tx: Reading, tag: number, before: number | null, inherit = true): number | null => {
  const range = { after: -1, before: before ?? NOW }
  // as of the event before: what ended at `before` counted until then
  const tags = tagsOf(tx, tag, before === null ? null : before - 1, inherit)
  const found = tx.get<Found>(`SELECT max(event) AS event FROM (${CHANGES})`, { tags, ...range, at: range.before - 1 })
  const event = found?.event ?? null
  const imported = tx.get<Found>(`SELECT max(rpm.create_event) AS event FROM rpm WHERE ${IMPORTED}`, {
    tags,
    after: event ?? -1,
    before: range.before
  })
  return imported?.event ?? event
}

/** The first such event after another (null: of all); null if nothing has changed. Source: Koji's tagFirstChangeEvent. */
export const firstChange = (tx: Reading, tag: number, after: number | null, inherit = true): number | null => {
  const range = { after: after ?? -1, before: NOW }
  const tags = tagsOf(tx, tag, after, inherit)
  const found = tx.get<Found>(`SELECT min(event) AS event FROM (${CHANGES})`, { tags, ...range, at: after ?? NOW })
  const event = found?.event ?? null
  const imported = tx.get<Found>(`SELECT min(rpm.create_event) AS event FROM rpm WHERE ${IMPORTED}`, {
    tags,
    after: range.after,
    before: event ?? NOW
  })
  return imported?.event ?? event
}

interface Found {
  readonly event: number | null
}

const tagsOf = (tx: Reading, tag: number, event: number | null, inherit: boolean): string =>
  JSON.stringify([tag, ...(inherit ? readInheritance(tx, tag, event).map(({ parentId }) => parentId) : [])])

const OF_TAGS = [
  "tag_config",
  "tag_extra",
  "tag_inheritance",
  "tag_listing",
  "tag_package",
  "tag_external_repo",
  "group_config",
  "group_package",
  "group_requirement"
]

const IN_RANGE = (column: string): string => `${column} > :after AND ${column} < :before`

/** What an external repo is counts where one of the tags uses it at the event. */
const USED = `external_repo_id IN (SELECT use.external_repo_id FROM tag_external_repo use
  WHERE use.tag_id IN (SELECT value FROM json_each(:tags)) AND ${visible("use").replaceAll(":event", ":at")})`

const CHANGES = (["create_event", "revoke_event"] as const)
  .flatMap((column) => [
    ...OF_TAGS.map(
      (table) =>
        `SELECT ${column} AS event FROM ${table} WHERE tag_id IN (SELECT value FROM json_each(:tags)) AND ${IN_RANGE(column)}`
    ),
    `SELECT ${column} FROM external_repo_config WHERE ${USED} AND ${IN_RANGE(column)}`
  ])
  .join("\n  UNION ALL ")

/** Looked for only between the nearest other change and the event: most rpms came before their builds were tagged. */
const IMPORTED = `${IN_RANGE("rpm.create_event")} AND EXISTS (SELECT 1 FROM tag_listing listing
  WHERE listing.build_id = rpm.build_id AND listing.tag_id IN (SELECT value FROM json_each(:tags))
    AND listing.create_event < rpm.create_event
    AND (listing.revoke_event IS NULL OR listing.revoke_event > rpm.create_event))`
