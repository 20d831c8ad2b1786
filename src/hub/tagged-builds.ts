import { Either } from "effect"
import { type ChainTag, taggedBuilds } from "../koji/tag-content.ts"
import { BUILD_COLUMNS, BUILD_JOINS, type BuildColumns, buildOf } from "./builds.ts"
import { NOW, type Reading, visible } from "./database.ts"
import type { HubRefused, NoSuchTag } from "./errors.ts"
import { readChain } from "./inheritance-rows.ts"
import type { HubRpm, ListOptions, TaggedBuild, TagInfo } from "./model.ts"
import { packageIds, readPackageList } from "./package-list.ts"
import { readRpms } from "./rpm-rows.ts"
import { readTag } from "./tags.ts"

/** The builds of a tag, in Koji's order: along the inheritance, newest tagging first. */
export const listTagged = (
  tx: Reading,
  name: string,
  options: ListOptions
): Either.Either<ReadonlyArray<TaggedBuild>, NoSuchTag | HubRefused> =>
  Either.map(readTagChain(tx, name, options), (chain) => {
    const packages = options.package === undefined ? null : packageIds(tx, [options.package])
    return buildsIn(tx, chain, { ...options, packages })
  })

export interface TaggedRpms {
  readonly rpms: ReadonlyArray<HubRpm>
  readonly builds: ReadonlyArray<TaggedBuild>
}

export const listTaggedRpms = (
  tx: Reading,
  name: string,
  options: ListOptions
): Either.Either<TaggedRpms, NoSuchTag | HubRefused> =>
  Either.map(listTagged(tx, name, options), (builds) => ({
    builds,
    rpms: readRpms(tx, buildsById(builds), options.arches).rpms
  }))

/** A tag with the chain of its parents. */
export interface TagChain {
  readonly tag: TagInfo
  readonly chain: ReadonlyArray<ChainTag>
  /** The whole chain, whose package lists count, and the part of it whose builds do. */
  readonly tags: ReadonlyArray<number>
  readonly searched: ReadonlyArray<number>
}

export const readTagChain = (
  tx: Reading,
  name: string,
  options: Pick<ListOptions, "event" | "inherit">
): Either.Either<TagChain, NoSuchTag | HubRefused> =>
  Either.gen(function* () {
    const tag = yield* readTag(tx, name, options.event)
    const chain = yield* readChain(tx, tag, options.event)
    const tags = chain.map(({ tagId }) => tagId)
    return { tag, chain, tags, searched: options.inherit ? tags : [tag.id] }
  })

/**
 * Reads the builds of a chain's tags, all or those of some packages only (then at their cost). A build counts once for its rpms,
 * however many tags of the chain list it; the list of builds itself may name it more than once.
 */
export const buildsIn = (
  tx: Reading,
  { chain, searched }: TagChain,
  options: Pick<ListOptions, "event" | "latest"> & { readonly packages: ReadonlyArray<number> | null }
): ReadonlyArray<TaggedBuild> => {
  const { event, latest, packages } = options
  const rows = tx.all<ListingRow>(packages === null ? SELECT_LISTINGS : SELECT_LISTINGS_OF_PACKAGES, {
    tags: JSON.stringify(searched),
    event: event ?? NOW,
    ...(packages !== null && { packages: JSON.stringify(packages) })
  })
  const listings = Map.groupBy(rows, (row) => row.tag_id)
  const builds = taggedBuilds(
    searched,
    (id) => (listings.get(id) ?? []).map((row) => ({ ...taggedBuildOf(row), buildId: row.id })),
    readPackageList(tx, chain, event, packages),
    latest
  )
  return builds.map(({ buildId: _, ...build }) => build)
}

/** Each build once, as its rpms name it. */
export const buildsById = (builds: ReadonlyArray<TaggedBuild>): ReadonlyMap<number, HubRpm["build"]> =>
  new Map(builds.map(({ id, name, version, release, epoch }) => [id, { name, version, release, epoch }]))

interface ListingRow extends BuildColumns {
  readonly tag_id: number
  readonly tag_name: string
  readonly create_event: number
}

const LISTING_COLUMNS = `${BUILD_COLUMNS}, listing.tag_id, tag.name AS tag_name, listing.create_event`
const IN_TAGS = `listing.tag_id IN (SELECT value FROM json_each(:tags)) AND ${visible("listing")}`

const SELECT_LISTINGS = `SELECT ${LISTING_COLUMNS}
  FROM tag_listing listing JOIN build ON build.id = listing.build_id ${BUILD_JOINS} JOIN tag ON tag.id = listing.tag_id
  WHERE ${IN_TAGS}`

/** CROSS JOIN keeps SQLite from beginning with the listings. */
const SELECT_LISTINGS_OF_PACKAGES = `SELECT ${LISTING_COLUMNS}
  FROM json_each(:packages) wanted CROSS JOIN build ON build.package_id = wanted.value
  CROSS JOIN tag_listing listing ON listing.build_id = build.id ${BUILD_JOINS} JOIN tag ON tag.id = listing.tag_id
  WHERE ${IN_TAGS}`

const taggedBuildOf = (row: ListingRow): TaggedBuild => ({
  ...buildOf(row),
  tagId: row.tag_id,
  tagName: row.tag_name,
  createEvent: row.create_event
})
