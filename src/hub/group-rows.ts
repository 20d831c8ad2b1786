import { type GroupConfig, mergeGroups, type TagGroup } from "../koji/tag-groups.ts"
import { NOW, type Reading, visible, type Writing } from "./database.ts"
import { readInheritance } from "./inheritance-rows.ts"
import type { TagInfo } from "./model.ts"

/** What a tag has of groups at an event, blocked ones too; `inherit`: also what its parents say. */
export const groupsOf = (
  tx: Reading,
  tag: TagInfo,
  event: number | null,
  inherit: boolean
): ReadonlyArray<TagGroup> => {
  const parents = inherit ? readInheritance(tx, tag.id, event).map(({ parentId }) => parentId) : []
  const chain = [tag.id, ...parents]
  const values = { tags: JSON.stringify(chain), event: event ?? NOW }
  return mergeGroups(chain, {
    groups: tx.all<ConfigRow>(SELECT_CONFIGS, values).map((row) => ({
      groupId: row.group_id,
      name: row.name,
      tagId: row.tag_id,
      tagName: row.tag_name,
      blocked: row.blocked !== 0,
      exported: row.exported !== 0,
      displayName: row.display_name,
      isDefault: maybe(row.is_default),
      uservisible: row.uservisible !== 0,
      description: row.description,
      langonly: row.langonly,
      biarchonly: row.biarchonly !== 0
    })),
    packages: tx.all<PackageRow>(SELECT_PACKAGES, values).map((row) => ({
      groupId: row.group_id,
      tagId: row.tag_id,
      tagName: row.tag_name,
      package: row.package,
      blocked: row.blocked !== 0,
      type: row.type,
      basearchonly: maybe(row.basearchonly),
      requires: row.requires
    })),
    requirements: tx.all<RequirementRow>(SELECT_REQUIREMENTS, values).map((row) => ({
      groupId: row.group_id,
      tagId: row.tag_id,
      tagName: row.tag_name,
      requiredId: row.required_id,
      name: row.name,
      blocked: row.blocked !== 0,
      type: row.type,
      isMetapkg: row.is_metapkg !== 0
    }))
  })
}

interface GroupRow {
  readonly group_id: number
  readonly tag_id: number
  readonly tag_name: string
  readonly blocked: number
}

interface ConfigRow extends GroupRow {
  readonly name: string
  readonly exported: number
  readonly display_name: string
  readonly is_default: number | null
  readonly uservisible: number
  readonly description: string | null
  readonly langonly: string | null
  readonly biarchonly: number
}

interface PackageRow extends GroupRow {
  readonly package: string
  readonly type: string
  readonly basearchonly: number | null
  readonly requires: string | null
}

interface RequirementRow extends GroupRow {
  readonly required_id: number
  readonly name: string
  readonly type: string
  readonly is_metapkg: number
}

const OF_TAGS = `JOIN tag ON tag.id = row.tag_id
  WHERE row.tag_id IN (SELECT value FROM json_each(:tags)) AND ${visible("row")} ORDER BY row.rowid`

const SELECT_CONFIGS = `SELECT row.*, tag.name AS tag_name, tag_group.name FROM group_config row
  JOIN tag_group ON tag_group.id = row.group_id ${OF_TAGS}`

const SELECT_PACKAGES = `SELECT row.*, tag.name AS tag_name FROM group_package row ${OF_TAGS}`

const SELECT_REQUIREMENTS = `SELECT row.*, tag.name AS tag_name, tag_group.name FROM group_requirement row
  JOIN tag_group ON tag_group.id = row.required_id ${OF_TAGS}`

/** The id of a group of any tag, by its `:name`. */
export const SELECT_GROUP_ID = "SELECT id FROM tag_group WHERE name = :name"

const maybe = (flag: number | null): boolean | null => (flag === null ? null : flag !== 0)

/** What a tag says of a group. */
type OwnConfig = Omit<GroupConfig, "tagId" | "tagName">

/** A group as `add-group` makes it, with Koji's defaults. */
export const newGroup = (tx: Writing, name: string): OwnConfig => ({
  groupId:
    tx.get<{ readonly id: number }>(SELECT_GROUP_ID, { name })?.id ??
    tx.run("INSERT INTO tag_group (name) VALUES (:name)", { name }),
  name,
  blocked: false,
  exported: true,
  displayName: name,
  isDefault: null,
  uservisible: true,
  description: null,
  langonly: null,
  biarchonly: false
})

const REVOKE = "SET revoke_event = :event, revoker = :user WHERE tag_id = :tag AND group_id = :group"

/** Ends what the tag itself says of a group. */
export const revokeGroup = (tx: Writing, tag: TagInfo, group: number, event: number): void => {
  tx.run(`UPDATE group_config ${REVOKE} AND revoke_event IS NULL`, { tag: tag.id, group, event, user: tx.user })
}

/** Replaces the tag's own configuration of a group. */
export const setGroup = (tx: Writing, tag: TagInfo, group: OwnConfig, event: number): void => {
  revokeGroup(tx, tag, group.groupId, event)
  tx.run(
    `INSERT INTO group_config (tag_id, group_id, blocked, exported, display_name, is_default, uservisible, description,
       langonly, biarchonly, create_event, creator)
     VALUES (:tag, :group, :blocked, :exported, :displayName, :isDefault, :uservisible, :description, :langonly,
       :biarchonly, :event, :user)`,
    {
      tag: tag.id,
      group: group.groupId,
      blocked: Number(group.blocked),
      exported: Number(group.exported),
      displayName: group.displayName,
      isDefault: group.isDefault === null ? null : Number(group.isDefault),
      uservisible: Number(group.uservisible),
      description: group.description,
      langonly: group.langonly,
      biarchonly: Number(group.biarchonly),
      event,
      user: tx.user
    }
  )
}

interface OwnPackage {
  readonly package: string
  readonly blocked: boolean
  readonly type?: string
  readonly basearchonly?: boolean | null
  readonly requires?: string | null
}

/** Ends the tag's own entry of a package in a group. */
export const revokePackage = (tx: Writing, tag: TagInfo, group: number, package_: string, event: number): void =>
  revokeEntry(tx, { ...packages, tag, group, entry: package_, event })

/** Replaces the tag's own entry of a package in a group. */
export const setPackage = (tx: Writing, tag: TagInfo, group: number, entry: OwnPackage, event: number): void => {
  const { basearchonly = null, requires = null, ...common } = entry
  const own = { basearchonly: basearchonly === null ? null : Number(basearchonly), requires }
  setEntry(tx, { ...packages, tag, group, entry: entry.package, event }, common, own)
}

interface OwnRequirement {
  readonly requiredId: number
  readonly blocked: boolean
  readonly type?: string
  readonly isMetapkg?: boolean
}

/** Ends the tag's own entry of a requirement. */
export const revokeRequirement = (tx: Writing, tag: TagInfo, group: number, required: number, event: number): void =>
  revokeEntry(tx, { ...requirements, tag, group, entry: required, event })

/** Replaces the tag's own entry of a requirement. */
export const setRequirement = (
  tx: Writing,
  tag: TagInfo,
  group: number,
  { isMetapkg = false, requiredId, ...common }: OwnRequirement,
  event: number
): void => {
  const own = { is_metapkg: Number(isMetapkg) }
  setEntry(tx, { ...requirements, tag, group, entry: requiredId, event }, common, own)
}

/** An entry of a tag's group: the table that holds it, the column that names what it is of, and when it changes. */
interface EntryPlace {
  readonly table: "group_package" | "group_requirement"
  readonly column: "package" | "required_id"
  readonly tag: TagInfo
  readonly group: number
  readonly entry: string | number
  readonly event: number
}

const packages = { table: "group_package", column: "package" } as const
const requirements = { table: "group_requirement", column: "required_id" } as const

const revokeEntry = (tx: Writing, { column, entry, event, group, table, tag }: EntryPlace): void => {
  tx.run(`UPDATE ${table} ${REVOKE} AND ${column} = :entry AND revoke_event IS NULL`, {
    tag: tag.id,
    group,
    entry,
    event,
    user: tx.user
  })
}

/** `own` are the columns that only this kind of entry has. */
const setEntry = (
  tx: Writing,
  place: EntryPlace,
  { blocked, type = "mandatory" }: { readonly blocked: boolean; readonly type?: string },
  own: Readonly<Record<string, string | number | null>>
): void => {
  revokeEntry(tx, place)
  const { column, entry, event, group, table, tag } = place
  const columns = Object.keys(own)
  tx.run(
    `INSERT INTO ${table} (${["tag_id", "group_id", column, "blocked", "type", ...columns, "create_event", "creator"].join(", ")})
     VALUES (:tag, :group, :entry, :blocked, :type, ${columns.map((name) => `:${name}, `).join("")}:event, :user)`,
    { tag: tag.id, group, entry, blocked: Number(blocked), type, ...own, event, user: tx.user }
  )
}
