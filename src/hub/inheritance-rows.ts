import { Either } from "effect"
import { type FullLink, fullInheritance, type InheritanceLink, linkFilters } from "../koji/inheritance.ts"
import { packageFilter } from "../koji/package-filter.ts"
import type { ChainTag } from "../koji/tag-content.ts"
import { NOW, type Reading, visible, type Writing } from "./database.ts"
import { HubRefused } from "./errors.ts"
import type { LinkOptions, TagInfo } from "./model.ts"

/** All parents of a tag at an event, in inheritance order. */
export const readInheritance = (tx: Reading, tag: number, event: number | null): ReadonlyArray<FullLink> =>
  fullInheritance(tag, (child) => readLinks(tx, child, event))

/** The links of a tag itself, by priority. */
export const readLinks = (tx: Reading, tag: number, event: number | null): ReadonlyArray<InheritanceLink> =>
  tx
    .all<LinkRow>(`${SELECT_LINKS} AND link.tag_id = :tag ORDER BY link.priority`, { event: event ?? NOW, tag })
    .map(linkOf)

/** A tag and its parents, each with the test of the package filters on its path. */
export const readChain = (
  tx: Reading,
  tag: TagInfo,
  event: number | null
): Either.Either<ReadonlyArray<ChainTag & { readonly tagName: string }>, HubRefused> => {
  const links = readInheritance(tx, tag.id, event)
  return Either.map(
    Either.mapLeft(
      linkFilters(links),
      (bad) =>
        new HubRefused({ reason: `Tag ${tag.name}: ${bad.message}. Give the inheritance another filter to go on.` })
    ),
    (accepts) => [
      { tagId: tag.id, tagName: tag.name, accepts: () => true },
      ...links.map((link) => ({
        tagId: link.parentId,
        tagName: link.name,
        accepts: (packageName: string) => accepts(link, packageName)
      }))
    ]
  )
}

export const addLink = (
  tx: Writing,
  child: TagInfo,
  parent: TagInfo,
  options: Partial<LinkOptions>
): Either.Either<void, HubRefused> => {
  const refuse = (reason: string) => Either.left(new HubRefused({ reason }))
  const links = tx.all<LinkRow>(`${SELECT_LINKS} AND link.tag_id = :tag`, { event: NOW, tag: child.id })
  const priority = options.priority ?? 0
  if (links.some((link) => link.parent_id === parent.id)) {
    return refuse(`Tag ${parent.name} is already a parent of ${child.name}; remove that inheritance first to change it`)
  }
  if (links.some((link) => link.priority === priority)) {
    return refuse(
      `There is already an active inheritance with that priority on ${child.name}, please specify a different priority with --priority.`
    )
  }
  const numbers = [priority, options.maxdepth ?? 0]
  if (!numbers.every((number) => Number.isSafeInteger(number) && number >= 0)) {
    return refuse("Priority and maxdepth of an inheritance must be whole numbers, 0 or more")
  }
  const pkgFilter = options.pkgFilter ?? ""
  const filter = packageFilter(pkgFilter)
  if (Either.isLeft(filter)) return refuse(`Inheritance ${child.name} -> ${parent.name}: ${filter.left.message}`)
  tx.run(
    `INSERT INTO tag_inheritance (tag_id, parent_id, priority, maxdepth, intransitive, noconfig, pkg_filter, create_event, creator)
     VALUES (:child, :parent, :priority, :maxdepth, :intransitive, :noconfig, :pkgFilter, :event, :user)`,
    {
      child: child.id,
      parent: parent.id,
      priority,
      maxdepth: options.maxdepth ?? null,
      intransitive: Number(options.intransitive ?? false),
      noconfig: Number(options.noconfig ?? false),
      pkgFilter,
      event: tx.newEvent(),
      user: tx.user
    }
  )
  return Either.void
}

export const removeLink = (tx: Writing, child: TagInfo, parent: TagInfo): Either.Either<void, HubRefused> => {
  const links = tx.all<LinkRow>(`${SELECT_LINKS} AND link.tag_id = :tag`, { event: NOW, tag: child.id })
  if (!links.some((link) => link.parent_id === parent.id)) {
    return Either.left(new HubRefused({ reason: `Tag ${child.name} has no inheritance from ${parent.name}` }))
  }
  tx.run(
    `UPDATE tag_inheritance SET revoke_event = :event, revoker = :user
     WHERE tag_id = :child AND parent_id = :parent AND revoke_event IS NULL`,
    { child: child.id, parent: parent.id, event: tx.newEvent(), user: tx.user }
  )
  return Either.void
}

interface LinkRow {
  readonly tag_id: number
  readonly parent_id: number
  readonly name: string
  readonly priority: number
  readonly maxdepth: number | null
  readonly intransitive: number
  readonly noconfig: number
  readonly pkg_filter: string
}

const SELECT_LINKS = `SELECT link.tag_id, link.parent_id, parent.name, link.priority, link.maxdepth, link.intransitive,
  link.noconfig, link.pkg_filter FROM tag_inheritance link JOIN tag parent ON parent.id = link.parent_id
  WHERE ${visible("link")}`

const linkOf = (row: LinkRow): InheritanceLink => ({
  childId: row.tag_id,
  parentId: row.parent_id,
  name: row.name,
  priority: row.priority,
  maxdepth: row.maxdepth,
  intransitive: row.intransitive !== 0,
  noconfig: row.noconfig !== 0,
  pkgFilter: row.pkg_filter
})
