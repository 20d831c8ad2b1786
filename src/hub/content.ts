import { Either } from "effect"
import { NOW, type Reading } from "./database.ts"
import type { HubRefused, NoSuchEvent, NoSuchTag } from "./errors.ts"
import { lastEvent, readEvent } from "./events.ts"
import { readInheritance } from "./inheritance-rows.ts"
import type {
  ContentOptions,
  ContentRead,
  ContentStamp,
  FormerContent,
  HubRpm,
  TagContent,
  TaggedBuild,
  TagInfo
} from "./model.ts"
import { isInHistory, momentNow } from "./moment.ts"
import { gatherRpms, readRpmPlaces, readRpms } from "./rpm-rows.ts"
import { buildsById, buildsIn, readTagChain, type TagChain } from "./tagged-builds.ts"
import { readTag } from "./tags.ts"
import { touchedPackages } from "./touched.ts"

/**
 * All that an export reads of a tag; `check` sees the arches before the rest is read. Where the content is known as it was at a
 * former moment, only what was touched since is read, if it can be told and is not too much; else all rpms go to `use`.
 */
export const tagContent = <A, E = never>(
  tx: Reading,
  name: string,
  options: ContentOptions,
  use: (rpms: Iterable<HubRpm>) => A,
  check: (arches: ReadonlyArray<string>) => Either.Either<unknown, E> = () => Either.void,
  former: FormerContent | null = null
): Either.Either<TagContent<A>, NoSuchTag | NoSuchEvent | HubRefused | E> =>
  Either.gen(function* () {
    const arches = archesOf(tx, yield* readTag(tx, name, null))
    yield* check(arches)
    if (options.event !== null) yield* readEvent(tx, options.event)
    const chain = yield* readTagChain(tx, name, options)
    const changes = former === null ? null : readChanges(tx, chain, options, former)
    const { newestEvent, ...read } = changes ?? readAll(tx, chain, options, use)
    const stamp = stampOf(tx, Math.max(newestEvent, newestTagEvent(tx, chain, options.event ?? NOW)))
    return {
      tag: chain.tag,
      arches,
      ...read,
      stamp,
      event: options.event ?? lastEvent(tx)?.id ?? stamp.event,
      moment: options.event === null ? momentNow(tx) : null
    }
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

type Read<A> = ContentRead<A> & {
  readonly packages: number
  /** Of the events that brought a file of the content, none is newer. */
  readonly newestEvent: number
}

const readAll = <A>(
  tx: Reading,
  chain: TagChain,
  { event, latest }: ContentOptions,
  use: (rpms: Iterable<HubRpm>) => A
): Read<A> => {
  const builds = buildsIn(tx, chain, { event, latest, packages: null })
  return { ...gatherRpms(tx, buildsById(builds), use), touched: null, packages: countPackages(builds) }
}

/**
 * Null where all must be read. As the former stamp is no older than any file of the content was, and a build comes or goes only at an
 * event of a tag, no file that was not looked at now can make the stamp newer.
 */
const readChanges = (
  tx: Reading,
  chain: TagChain,
  { event, latest }: ContentOptions,
  former: FormerContent
): Read<never> | null => {
  if (event !== null || !isInHistory(tx, former.moment)) return null
  const since = former.moment.event
  const touched = touchedPackages(tx, chain, since)
  if (touched === null || touched.length > former.packages * LARGEST_PART) return null
  if (touched.length === 0) return { ...unchanged, packages: former.packages, newestEvent: former.stamp.event }
  const packages = touched.map(({ id }) => id)
  const before = buildsIn(tx, chain, { event: since, latest, packages })
  const now = buildsIn(tx, chain, { event: null, latest, packages })
  const { newestEvent, rpms } = readRpms(tx, buildsById(now))
  return {
    rpms: null,
    touched: {
      packages: new Set(touched.map(({ name }) => name)),
      before: readRpmPlaces(tx, buildsById(before), since),
      now: rpms
    },
    packages: former.packages - countPackages(before) + countPackages(now),
    newestEvent: Math.max(former.stamp.event, newestEvent)
  }
}

const unchanged = { rpms: null, touched: { packages: new Set<string>(), before: [], now: [] } }

/** Of a content's packages. Looking up more of them one by one is no faster than reading all. */
const LARGEST_PART = 0.25

const countPackages = (builds: ReadonlyArray<TaggedBuild>): number =>
  new Set(builds.map(({ packageId }) => packageId)).size

/** The newest event, not after the given one, at which a row of one of these tags began or ended. */
const newestTagEvent = (tx: Reading, { searched, tags }: TagChain, event: number): number =>
  Math.max(
    0,
    ...VERSIONED_TABLES.flatMap((table) =>
      ["create_event", "revoke_event"].map(
        (column) =>
          // tag by tag, as SQLite finds the greatest of each at the end of an index
          tx.get<{ readonly newest: number | null }>(
            `SELECT max((SELECT max(${column}) FROM ${table} WHERE tag_id = tag.value AND ${column} <= :event)) AS newest
             FROM json_each(:tags) tag`,
            { tags: JSON.stringify(table === "tag_listing" ? searched : tags), event }
          )?.newest ?? 0
      )
    )
  )

const VERSIONED_TABLES = ["tag_config", "tag_extra", "tag_inheritance", "tag_package", "tag_listing"] as const

const stampOf = (tx: Reading, event: number): ContentStamp => {
  const row = tx.get<{ readonly time: number }>("SELECT time FROM event WHERE id = :event", { event })
  return { event, time: Math.floor((row?.time ?? 0) / 1000) }
}
