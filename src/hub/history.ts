import { Either } from "effect"
import { nvr } from "../rpm/nevra.ts"
import type { Reading } from "./database.ts"
import { NoSuchTag } from "./errors.ts"
import type { HistoryEntry, HistorySubject } from "./model.ts"

/**
 * Every change of a tag, oldest first; at one event in the order configuration, extra, inheritance, owners, packages,
 * builds, groups, external repos, then as they were made. A row replaced by another of the same subject is one "edited" entry.
 */
export const readHistory = (tx: Reading, name: string): Either.Either<ReadonlyArray<HistoryEntry>, NoSuchTag> => {
  const tag = tx.get<{ readonly id: number }>("SELECT id FROM tag WHERE name = :name", { name })
  if (!tag) return Either.left(new NoSuchTag({ tag: name, event: null }))
  const entries = KINDS.flatMap(({ columns, from, subject }) => {
    const rows = tx.all<Row>(
      `SELECT ${columns}, row.create_event, row.revoke_event, row.creator, row.revoker,
         made.time AS create_time, ended.time AS revoke_time
       FROM ${from} JOIN event made ON made.id = row.create_event LEFT JOIN event ended ON ended.id = row.revoke_event
       WHERE row.tag_id = :tag ORDER BY row.create_event, row.rowid`,
      { tag: tag.id }
    )
    const replaced = new Map(rows.map((row) => [`${row.revoke_event} ${identity(subject(row))}`, row]))
    const replacing = new Set(rows.map((row) => `${row.create_event} ${identity(subject(row))}`))
    return rows.flatMap((row): ReadonlyArray<HistoryEntry> => {
      const key = identity(subject(row))
      const common = { tag: name, active: row.revoke_event === null, subject: subject(row) }
      const created: HistoryEntry = {
        ...common,
        event: row.create_event,
        time: row.create_time,
        by: row.creator,
        action: replaced.has(`${row.create_event} ${key}`) ? "edited" : "created"
      }
      if (row.revoke_event === null || row.revoke_time === null || replacing.has(`${row.revoke_event} ${key}`)) {
        return [created]
      }
      const revoked: HistoryEntry = {
        ...common,
        event: row.revoke_event,
        time: row.revoke_time,
        by: row.revoker ?? "",
        action: "revoked"
      }
      return [created, revoked]
    })
  })
  // the sort is stable
  return Either.right(entries.sort((a, b) => a.event - b.event))
}

interface Row {
  readonly create_event: number
  readonly revoke_event: number | null
  readonly creator: string
  readonly revoker: string | null
  readonly create_time: number
  readonly revoke_time: number | null
  /** Columns of the kinds; null where a kind does not select them. */
  readonly name: string
  readonly value: string | null
  readonly version: string
  readonly release: string
}

interface Kind {
  readonly columns: string
  readonly from: string
  readonly subject: (row: Row) => HistorySubject
}

const KINDS: ReadonlyArray<Kind> = [
  { columns: "row.arches AS value", from: "tag_config row", subject: () => ({ kind: "tag" }) },
  {
    columns: "row.key AS name, row.value",
    from: "tag_extra row",
    subject: ({ name, value }) => ({ kind: "extra", key: name, value: value === null ? null : JSON.parse(value) })
  },
  {
    columns: "parent.name",
    from: "tag_inheritance row JOIN tag parent ON parent.id = row.parent_id",
    subject: ({ name }) => ({ kind: "inheritance", parent: name })
  },
  {
    columns: "package.name, row.owner AS value",
    from: "tag_package_owner row JOIN package ON package.id = row.package_id",
    subject: ({ name, value }) => ({ kind: "owner", package: name, owner: value ?? "" })
  },
  {
    columns: "package.name, CAST(row.blocked AS TEXT) AS value",
    from: "tag_package row JOIN package ON package.id = row.package_id",
    subject: ({ name, value }) => ({ kind: "package", package: name, blocked: value !== "0" })
  },
  {
    columns: "package.name, build.version, build.release",
    from: "tag_listing row JOIN build ON build.id = row.build_id JOIN package ON package.id = build.package_id",
    subject: (row) => ({ kind: "build", nvr: nvr(row) })
  },
  {
    columns: "tag_group.name",
    from: "group_config row JOIN tag_group ON tag_group.id = row.group_id",
    subject: ({ name }) => ({ kind: "group", group: name })
  },
  {
    columns: "tag_group.name, required.name AS value",
    from: `group_requirement row JOIN tag_group ON tag_group.id = row.group_id
      JOIN tag_group required ON required.id = row.required_id`,
    subject: ({ name, value }) => ({ kind: "group-requirement", group: name, required: value ?? "" })
  },
  {
    columns: "tag_group.name, row.package AS value",
    from: "group_package row JOIN tag_group ON tag_group.id = row.group_id",
    subject: ({ name, value }) => ({ kind: "group-package", group: name, package: value ?? "" })
  },
  {
    columns: "repo.name",
    from: "tag_external_repo row JOIN external_repo repo ON repo.id = row.external_repo_id",
    subject: ({ name }) => ({ kind: "external-repo", repo: name })
  }
]

/** What stays the same of a subject when its value is replaced. */
const identity = (subject: HistorySubject): string => {
  switch (subject.kind) {
    case "tag":
      return ""
    case "extra":
      return subject.key
    case "inheritance":
      return subject.parent
    case "owner":
    case "package":
      return subject.package
    case "build":
      return subject.nvr
    case "group":
      return subject.group
    case "group-requirement":
      return `${subject.group} ${subject.required}`
    case "group-package":
      return `${subject.group} ${subject.package}`
    case "external-repo":
      return subject.repo
  }
}
