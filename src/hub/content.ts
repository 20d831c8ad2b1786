import { Either } from "effect"
import { taggedBuilds } from "../koji/tag-content.ts"
import { BUILD_COLUMNS, BUILD_JOINS, type BuildColumns, buildOf } from "./builds.ts"
import { NOW, type Reading, visible } from "./database.ts"
import type { HubRefused, NoSuchEvent, NoSuchTag } from "./errors.ts"
import { lastEvent, readEvent } from "./events.ts"
import { readChain, readInheritance } from "./inheritance-rows.ts"
import type { ContentOptions, ContentStamp, HubRpm, ListOptions, TagContent, TaggedBuild, TagInfo } from "./model.ts"
import { readPackageList } from "./package-list.ts"
import { readRpms } from "./rpm-rows.ts"
import { readTag } from "./tags.ts"

type Content<A> = Either.Either<A, NoSuchTag | HubRefused>

/** The builds of a tag, in Koji's order: along the inheritance, newest tagging first. */
export const listTagged = (tx: Reading, name: string, options: ListOptions): Content<ReadonlyArray<TaggedBuild>> =>
  Either.map(readListings(tx, name, options), ({ builds }) => builds)

export interface TaggedRpms {
  readonly rpms: ReadonlyArray<HubRpm>
  readonly builds: ReadonlyArray<TaggedBuild>
}

export const listTaggedRpms = (tx: Reading, name: string, options: ListOptions): Content<TaggedRpms> =>
  Either.map(readListings(tx, name, options), ({ builds }) => ({
    builds,
    rpms: readRpms(tx, buildsById(builds), options.arches).rpms
  }))

/** All that an export reads of a tag; `check` sees the arches before the rest is read. */
export const tagContent = <E = never>(
  tx: Reading,
  name: string,
  options: ContentOptions,
  check: (arches: ReadonlyArray<string>) => Either.Either<unknown, E> = () => Either.void
): Either.Either<TagContent, NoSuchTag | NoSuchEvent | HubRefused | E> =>
  Either.gen(function* () {
    const arches = archesOf(tx, yield* readTag(tx, name, null))
    yield* check(arches)
    if (options.event !== null) yield* readEvent(tx, options.event)
    const { builds, tag, tags, searched } = yield* readListings(tx, name, options)
    const { rpms, newestEvent } = readRpms(tx, buildsById(builds))
    const stamp = stampOf(tx, { tags, searched, event: options.event ?? NOW, newestEvent })
    return { tag, arches, rpms, stamp, event: options.event ?? lastEvent(tx)?.id ?? stamp.event }
  })

/** A tag's arches, or those of its first parent that has some. */
const archesOf = (tx: Reading, tag: TagInfo): ReadonlyArray<string> => {
  const own = archNames(tag)
  if (own.length > 0) return own
  for (const { name } of readInheritance(tx, tag.id, null)) {
    const inherited = Either.map(readTag(tx, name, null), archNames)
    if (Either.isRight(inherited) && inherited.right.length > 0) return inherited.right
  }
  return []
}

const archNames = ({ arches }: TagInfo): ReadonlyArray<string> => arches.split(" ").filter((arch) => arch !== "")

/**
 * Reads a tag's builds. A build counts once for its rpms, however many tags of the chain list it; the list of builds
 * itself may name it more than once.
 */
const readListings = (
  tx: Reading,
  name: string,
  options: ListOptions
): Content<{
  readonly tag: TagInfo
  readonly builds: ReadonlyArray<TaggedBuild>
  /** The whole chain, whose package lists count, and the part of it whose builds do. */
  readonly tags: ReadonlyArray<number>
  readonly searched: ReadonlyArray<number>
}> =>
  Either.gen(function* () {
    const tag = yield* readTag(tx, name, options.event)
    const chain = yield* readChain(tx, tag, options.event)
    const packages = readPackageList(tx, chain, options.event)
    const tags = chain.map(({ tagId }) => tagId)
    const searched = options.inherit ? tags : [tag.id]
    const rows = tx.all<ListingRow>(
      `SELECT ${BUILD_COLUMNS}, listing.tag_id, tag.name AS tag_name, listing.create_event
       FROM tag_listing listing JOIN build ON build.id = listing.build_id ${BUILD_JOINS} JOIN tag ON tag.id = listing.tag_id
       WHERE listing.tag_id IN (SELECT value FROM json_each(:tags)) AND ${visible("listing")}
       ${options.package === undefined ? "" : "AND package.name = :package"}`,
      {
        tags: JSON.stringify(searched),
        event: options.event ?? NOW,
        ...(options.package !== undefined && { package: options.package })
      }
    )
    const listings = Map.groupBy(rows, (row) => row.tag_id)
    const builds = taggedBuilds(
      searched,
      (id) => (listings.get(id) ?? []).map((row) => ({ ...taggedBuildOf(row), buildId: row.id })),
      packages,
      options.latest
    )
    return { tag, builds: builds.map(({ buildId: _, ...build }) => build), tags, searched }
  })

interface ListingRow extends BuildColumns {
  readonly tag_id: number
  readonly tag_name: string
  readonly create_event: number
}

const taggedBuildOf = (row: ListingRow): TaggedBuild => ({
  ...buildOf(row),
  tagId: row.tag_id,
  tagName: row.tag_name,
  createEvent: row.create_event
})

const buildsById = (builds: ReadonlyArray<TaggedBuild>): ReadonlyMap<number, HubRpm["build"]> =>
  new Map(builds.map(({ id, name, version, release, epoch }) => [id, { name, version, release, epoch }]))

/** The newest event, not after the asked one, at which a row of one of these tags began or ended, or a file of the content came. */
const stampOf = (
  tx: Reading,
  read: {
    readonly tags: ReadonlyArray<number>
    readonly searched: ReadonlyArray<number>
    readonly event: number
    readonly newestEvent: number
  }
): ContentStamp => {
  const newest = VERSIONED_TABLES.flatMap((table) =>
    ["create_event", "revoke_event"].map(
      (column) =>
        tx.get<{ readonly newest: number | null }>(
          `SELECT max(${column}) AS newest FROM ${table}
           WHERE tag_id IN (SELECT value FROM json_each(:tags)) AND ${column} <= :event`,
          { tags: JSON.stringify(table === "tag_listing" ? read.searched : read.tags), event: read.event }
        )?.newest ?? 0
    )
  )
  const event = Math.max(read.newestEvent, ...newest)
  const row = tx.get<{ readonly time: number }>("SELECT time FROM event WHERE id = :event", { event })
  return { event, time: Math.floor((row?.time ?? 0) / 1000) }
}

const VERSIONED_TABLES = ["tag_config", "tag_extra", "tag_inheritance", "tag_package", "tag_listing"] as const
