import { Either } from "effect"
import { type TagGroup, withoutBlocked } from "../koji/tag-groups.ts"
import type { Reading, Writing } from "./database.ts"
import { HubRefused, type NoSuchTag } from "./errors.ts"
import {
  groupsOf,
  newGroup,
  revokeGroup,
  revokePackage,
  revokeRequirement,
  SELECT_GROUP_ID,
  setGroup,
  setPackage,
  setRequirement
} from "./group-rows.ts"
import { refuseAny } from "./refuse-any.ts"
import { readTag } from "./tags.ts"

export interface GroupOptions {
  readonly event?: number | null
  readonly inherit?: boolean
  /** Give blocked groups, packages and requirements too. */
  readonly blocked?: boolean
}

type Change = Either.Either<void, NoSuchTag | HubRefused>

/** The groups of a tag, by name. */
export const readGroups = (
  tx: Reading,
  name: string,
  { event = null, inherit = true, blocked = false }: GroupOptions
): Either.Either<ReadonlyArray<TagGroup>, NoSuchTag> =>
  Either.map(readTag(tx, name, event), (tag) => {
    const groups = groupsOf(tx, tag, event, inherit)
    return [...(blocked ? groups : withoutBlocked(groups))].sort((a, b) => (a.name < b.name ? -1 : 1))
  })

/** Koji's `add-group`. A group that the tag inherits is there already, and nothing changes. */
export const addGroup = (tx: Writing, name: string, group: string): Change =>
  Either.gen(function* () {
    const tag = yield* readTag(tx, name, null)
    yield* refuseAny([badName("group", group)])
    const known = groupsOf(tx, tag, null, true).find((other) => other.name === group)
    if (known?.blocked) return yield* refuse(`group ${group} is blocked in tag ${name}`)
    if (known?.tagId === tag.id) return yield* refuse(`Group ${group} already exists for tag ${name}`)
    if (known === undefined) setGroup(tx, tag, newGroup(tx, group), tx.newEvent())
  })

/** Koji's `block-group`, which also blocks groups that the tag inherits. */
export const blockGroup = (tx: Writing, name: string, group: string): Change =>
  Either.gen(function* () {
    const tag = yield* readTag(tx, name, null)
    const known = groupsOf(tx, tag, null, true).find((other) => other.name === group)
    if (known === undefined) return yield* refuse(`Group ${group} doesn't exist within tag ${name}`)
    if (known.blocked) return yield* refuse(`group ${group} is blocked in tag ${name}`)
    setGroup(tx, tag, { ...known, blocked: true }, tx.newEvent())
  })

/** Takes the tag's own block of a group away; what it inherits then holds. Source: Koji's grplist_unblock. */
export const unblockGroup = (tx: Writing, name: string, group: string): Change =>
  Either.gen(function* () {
    const tag = yield* readTag(tx, name, null)
    const own = groupsOf(tx, tag, null, false).find((other) => other.name === group)
    if (!own?.blocked) return yield* refuse(`group ${group} is NOT blocked in tag ${name}`)
    revokeGroup(tx, tag, own.groupId, tx.newEvent())
  })

/** Adds packages to a group of the tag, its own or inherited; those that are in it already stay as they are. One event for all. */
export const addGroupPackages = (tx: Writing, name: string, group: string, packages: ReadonlyArray<string>): Change =>
  Either.gen(function* () {
    const { entries, known, names, tag } = yield* openPackages(tx, name, group, packages)
    const added = names.filter((package_) => !entries.has(package_))
    if (added.length === 0) return
    const event = tx.newEvent()
    for (const package_ of added) setPackage(tx, tag, known.groupId, { package: package_, blocked: false }, event)
  })

/** Blocks packages in a group, also such as are not in it: a parent may add them later. One event for all. */
export const blockGroupPackages = (tx: Writing, name: string, group: string, packages: ReadonlyArray<string>): Change =>
  Either.gen(function* () {
    const { entries, known, names, tag } = yield* openPackages(tx, name, group, packages)
    const event = tx.newEvent()
    for (const package_ of names) {
      setPackage(tx, tag, known.groupId, { ...entries.get(package_), package: package_, blocked: true }, event)
    }
  })

/** Takes the tag's own blocks of packages in a group away. */
export const unblockGroupPackages = (
  tx: Writing,
  name: string,
  group: string,
  packages: ReadonlyArray<string>
): Change =>
  Either.gen(function* () {
    const { known, tag } = yield* openGroup(tx, name, group)
    const blocked = new Set(
      known.packages.filter((entry) => entry.blocked && entry.tagId === tag.id).map((entry) => entry.package)
    )
    const names = [...new Set(packages)]
    yield* refuseAny(
      names
        .filter((package_) => !blocked.has(package_))
        .map((package_) => `package ${package_} is NOT blocked in group ${group}, tag ${name}`)
    )
    const event = tx.newEvent()
    for (const package_ of names) revokePackage(tx, tag, known.groupId, package_, event)
  })

/** Makes a group need another; one that it needs already stays as it is. */
export const addGroupRequirement = (tx: Writing, name: string, group: string, required: string): Change =>
  Either.gen(function* () {
    const { known, needed, requiredId, tag } = yield* openRequirement(tx, name, group, required)
    if (needed?.blocked) {
      return yield* refuse(`requirement on group ${required} blocked in group ${group}, tag ${name}`)
    }
    if (needed === undefined) setRequirement(tx, tag, known.groupId, { requiredId, blocked: false }, tx.newEvent())
  })

/** Hides that a group needs another. */
export const blockGroupRequirement = (tx: Writing, name: string, group: string, required: string): Change =>
  Either.gen(function* () {
    const { known, needed, requiredId, tag } = yield* openRequirement(tx, name, group, required)
    if (needed?.blocked) {
      return yield* refuse(`requirement on group ${required} blocked in group ${group}, tag ${name}`)
    }
    setRequirement(tx, tag, known.groupId, { ...needed, requiredId, blocked: true }, tx.newEvent())
  })

/** Takes the tag's own block of a requirement away. */
export const unblockGroupRequirement = (tx: Writing, name: string, group: string, required: string): Change =>
  Either.gen(function* () {
    const { known, requiredId, tag } = yield* openRequirement(tx, name, group, required)
    const own = tx.get(
      `SELECT 1 FROM group_requirement WHERE tag_id = :tag AND group_id = :group AND required_id = :required
         AND blocked AND revoke_event IS NULL`,
      { tag: tag.id, group: known.groupId, required: requiredId }
    )
    if (own === undefined) return yield* refuse(`group req ${required} is NOT blocked in group ${group}, tag ${name}`)
    revokeRequirement(tx, tag, known.groupId, requiredId, tx.newEvent())
  })

const refuse = (reason: string) => Either.left(new HubRefused({ reason }))

const badName = (what: "group" | "package", name: string): string | undefined =>
  /^[A-Za-z0-9/_.+-]{1,256}$/.test(name) ? undefined : `'${name}' is no ${what} name`

/** A group of the tag that is not blocked, with everything that is in it, blocked or not. */
const openGroup = (tx: Reading, name: string, group: string) =>
  Either.gen(function* () {
    const tag = yield* readTag(tx, name, null)
    const known = groupsOf(tx, tag, null, true).find((other) => other.name === group)
    if (known === undefined) return yield* refuse(`group ${group} not present in tag ${name}`)
    if (known.blocked) return yield* refuse(`group ${group} is blocked in tag ${name}`)
    return { tag, known }
  })

/** The same, with the group that it needs or is to need. As in Koji that one must be known, in whatever tag. */
const openRequirement = (tx: Reading, name: string, group: string, required: string) =>
  Either.gen(function* () {
    const { known, tag } = yield* openGroup(tx, name, group)
    const requiredId = tx.get<{ readonly id: number }>(SELECT_GROUP_ID, { name: required })?.id
    if (requiredId === undefined) return yield* refuse(`No such entry in table groups: ${required}`)
    return { tag, known, requiredId, needed: known.requirements.find((other) => other.requiredId === requiredId) }
  })

/** The same, with packages of which none is blocked in it: their names, each once, and what there is of them. */
const openPackages = (tx: Reading, name: string, group: string, packages: ReadonlyArray<string>) =>
  Either.gen(function* () {
    const { known, tag } = yield* openGroup(tx, name, group)
    const entries = new Map(known.packages.map((entry) => [entry.package, entry]))
    const names = [...new Set(packages)]
    yield* refuseAny([
      ...names.map((package_) => badName("package", package_)),
      ...names
        .filter((package_) => entries.get(package_)?.blocked)
        .map((package_) => `package ${package_} blocked in group ${group}, tag ${name}`)
    ])
    return { tag, known, names, entries }
  })
