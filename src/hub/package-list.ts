import { Either } from "effect"
import { type ChainTag, mergePackageLists } from "../koji/tag-content.ts"
import { NOW, type Reading, visible, type Writing } from "./database.ts"
import type { HubRefused, NoSuchTag } from "./errors.ts"
import { readChain } from "./inheritance-rows.ts"
import type { PackageEntry, TagInfo } from "./model.ts"
import { refuseAny } from "./refuse-any.ts"
import { readTag } from "./tags.ts"

/** The merged package list of a chain of tags, by package id, or what it says of some packages only; blocked entries are in it. */
export const readPackageList = (
  tx: Reading,
  chain: ReadonlyArray<ChainTag>,
  event: number | null,
  packages: ReadonlyArray<number> | null
): ReadonlyMap<number, PackageEntry> => {
  const rows = tx.all<EntryRow>(packages === null ? SELECT_ENTRIES : SELECT_ENTRIES_OF_PACKAGES, {
    event: event ?? NOW,
    tags: JSON.stringify(chain.map(({ tagId }) => tagId)),
    ...(packages !== null && { packages: JSON.stringify(packages) })
  })
  const entries = Map.groupBy(rows.map(entryOf), ({ tagId }) => tagId)
  return mergePackageLists(chain, (tag) => entries.get(tag) ?? [])
}

export const listPackages = (
  tx: Reading,
  name: string,
  event: number | null,
  inherit: boolean
): Either.Either<ReadonlyArray<PackageEntry>, NoSuchTag | HubRefused> =>
  Either.gen(function* () {
    const tag = yield* readTag(tx, name, event)
    const chain = yield* readChain(tx, tag, event)
    const list = readPackageList(tx, inherit ? chain : chain.slice(0, 1), event, null)
    return [...list.values()].sort((a, b) => (a.packageName < b.packageName ? -1 : 1))
  })

/**
 * Adds the packages that the tag's list, its own or inherited, has not yet or blocks; one event for all. As in Koji, one
 * that is inherited gets no entry of its own.
 */
export const addPackages = (
  tx: Writing,
  name: string,
  packages: ReadonlyArray<string>,
  owner: string
): Either.Either<
  { readonly added: ReadonlyArray<string>; readonly already: ReadonlyArray<string> },
  NoSuchTag | HubRefused
> =>
  Either.gen(function* () {
    const { tag, list } = yield* currentList(tx, name, packages)
    const bad = packages.filter((package_) => !/^[A-Za-z0-9._+-]+$/.test(package_) || package_.startsWith("."))
    yield* refuseAny(bad.map((package_) => `'${package_}' is no package name`))
    const names = [...new Set(packages)]
    const added = names.filter((package_) => list.get(package_)?.blocked !== false)
    setEntries(tx, tag, added, { blocked: false, ownerOf: () => owner })
    return { added, already: names.filter((package_) => !added.includes(package_)) }
  })

/** Blocks packages of the tag's list, its own or inherited ones; one event for all. */
export const blockPackages = (
  tx: Writing,
  name: string,
  packages: ReadonlyArray<string>
): Either.Either<void, NoSuchTag | HubRefused> =>
  Either.gen(function* () {
    const { tag, list } = yield* currentList(tx, name, packages)
    const missing = packages.filter((package_) => !list.has(package_))
    yield* refuseAny(missing.map((package_) => `Package ${package_} doesn't exist in tag ${name}`))
    const listed = packages.filter((package_) => list.get(package_)?.blocked === false)
    setEntries(tx, tag, listed, { blocked: true, ownerOf: (package_) => list.get(package_)?.owner ?? tx.user })
  })

/** Lists packages again that the tag itself, or one of its parents, blocks; one event for all. */
export const unblockPackages = (
  tx: Writing,
  name: string,
  packages: ReadonlyArray<string>
): Either.Either<void, NoSuchTag | HubRefused> =>
  Either.gen(function* () {
    const { tag, list } = yield* currentList(tx, name, packages)
    yield* refuseAny(
      packages.map((package_) => {
        const entry = list.get(package_)
        if (!entry) return `Package ${package_} doesn't exist in tag ${name}`
        return entry.blocked ? undefined : `Package ${package_} is not blocked in tag ${name}`
      })
    )
    setEntries(tx, tag, packages, { blocked: false, ownerOf: (package_) => list.get(package_)?.owner ?? tx.user })
  })

/** The id of a package, which begins with its first mention. */
export const packageId = (tx: Writing, name: string): number =>
  tx.get<{ readonly id: number }>("SELECT id FROM package WHERE name = :name", { name })?.id ??
  tx.run("INSERT INTO package (name) VALUES (:name)", { name })

/** The ids of those of these packages that were ever mentioned. */
export const packageIds = (tx: Reading, names: ReadonlyArray<string>): ReadonlyArray<number> =>
  tx
    .all<{ readonly id: number }>("SELECT id FROM package WHERE name IN (SELECT value FROM json_each(:names))", {
      names: JSON.stringify(names)
    })
    .map(({ id }) => id)

interface EntryRow {
  readonly package_id: number
  readonly package_name: string
  readonly tag_id: number
  readonly tag_name: string
  readonly blocked: number
  readonly owner: string | null
}

const ENTRY_COLUMNS =
  "entry.package_id, package.name AS package_name, entry.tag_id, tag.name AS tag_name, entry.blocked, owner.owner"

/** To stand after a FROM that has `entry`. */
const OF_ENTRIES = `JOIN package ON package.id = entry.package_id
  JOIN tag ON tag.id = entry.tag_id
  LEFT JOIN tag_package_owner owner ON owner.tag_id = entry.tag_id AND owner.package_id = entry.package_id AND ${visible("owner")}
  WHERE entry.tag_id IN (SELECT value FROM json_each(:tags)) AND ${visible("entry")}`

const SELECT_ENTRIES = `SELECT ${ENTRY_COLUMNS} FROM tag_package entry ${OF_ENTRIES}`

/** CROSS JOIN and INDEXED BY keep SQLite from looking through all entries of the tags. */
const SELECT_ENTRIES_OF_PACKAGES = `SELECT ${ENTRY_COLUMNS} FROM json_each(:packages) wanted
  CROSS JOIN tag_package entry INDEXED BY tag_package_package ON entry.package_id = wanted.value ${OF_ENTRIES}`

const entryOf = (row: EntryRow): PackageEntry => ({
  packageId: row.package_id,
  packageName: row.package_name,
  tagId: row.tag_id,
  tagName: row.tag_name,
  blocked: row.blocked !== 0,
  owner: row.owner ?? ""
})

/** A tag and what the list that it has now, its own or inherited, says of some packages, by their names. */
const currentList = (
  tx: Reading,
  name: string,
  packages: ReadonlyArray<string>
): Either.Either<{ readonly tag: TagInfo; readonly list: ReadonlyMap<string, PackageEntry> }, NoSuchTag | HubRefused> =>
  Either.gen(function* () {
    const tag = yield* readTag(tx, name, null)
    const entries = readPackageList(tx, yield* readChain(tx, tag, null), null, packageIds(tx, packages))
    return { tag, list: new Map([...entries.values()].map((entry) => [entry.packageName, entry])) }
  })

/** Gives the tag entries of its own for packages, each once; one event for all. */
const setEntries = (
  tx: Writing,
  tag: TagInfo,
  packages: ReadonlyArray<string>,
  to: { readonly blocked: boolean; readonly ownerOf: (package_: string) => string }
): void => {
  if (packages.length === 0) return
  const event = tx.newEvent()
  for (const package_ of new Set(packages)) {
    setEntry(tx, { tag: tag.id, package_, blocked: to.blocked, owner: to.ownerOf(package_), event })
  }
}

interface NewEntry {
  readonly tag: number
  readonly package_: string
  readonly blocked: boolean
  readonly owner: string
  readonly event: number
}

/** Replaces the tag's own entry of a package, and its owner where that is another. */
const setEntry = (tx: Writing, { tag, package_, blocked, owner, event }: NewEntry): void => {
  const key = { tag, package_: packageId(tx, package_) }
  const by = { event, user: tx.user }
  const former = tx.get<{ readonly owner: string }>(
    "SELECT owner FROM tag_package_owner WHERE tag_id = :tag AND package_id = :package_ AND revoke_event IS NULL",
    key
  )
  if (former?.owner !== owner) {
    tx.run(`UPDATE tag_package_owner ${REVOKE}`, { ...key, ...by })
    tx.run(
      `INSERT INTO tag_package_owner (tag_id, package_id, owner, create_event, creator)
       VALUES (:tag, :package_, :owner, :event, :user)`,
      { ...key, ...by, owner }
    )
  }
  tx.run(`UPDATE tag_package ${REVOKE}`, { ...key, ...by })
  tx.run(
    `INSERT INTO tag_package (tag_id, package_id, blocked, create_event, creator)
     VALUES (:tag, :package_, :blocked, :event, :user)`,
    { ...key, ...by, blocked: Number(blocked) }
  )
}

const REVOKE = `SET revoke_event = :event, revoker = :user
  WHERE tag_id = :tag AND package_id = :package_ AND revoke_event IS NULL`
