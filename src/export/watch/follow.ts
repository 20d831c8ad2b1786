import { Effect } from "effect"
import { Source, type SourceError } from "../../source/source.ts"
import { type FedTag, TagFeed } from "../../source/tag-feed.ts"

/** What was seen of the hub: its newest event then (null: nothing yet), and the watched tags by name. */
export interface Seen {
  readonly event: number | null
  readonly tags: ReadonlyMap<string, FedTag>
}

/** A tag to which something happened, and the newest event that did. */
interface Touched {
  readonly tag: string
  readonly event: number
}

/** What a look at the hub found. */
export interface Look {
  readonly seen: Seen
  readonly touched: ReadonlyArray<Touched>
  /** Tags that are watched for the first time, or in another way than before. */
  readonly changed: ReadonlyArray<FedTag>
  /** Tags that are watched no more. */
  readonly gone: ReadonlyArray<string>
}

export const nothingSeen: Seen = { event: null, tags: new Map() }

/**
 * Waits until the hub has another newest event than was seen, and finds the watched tags that it, or those before it, touched: their content,
 * or how they are to be exported. A tag that is watched for the first time counts.
 */
export const look = (
  before: Seen,
  chosen: (tag: string) => boolean
): Effect.Effect<Look, SourceError, Source | TagFeed> =>
  Effect.gen(function* () {
    const feed = yield* TagFeed
    const event = yield* feed.next(before.event)
    const tags = (yield* feed.tags).filter(({ name }) => chosen(name))
    const changed = tags.filter((tag) => JSON.stringify(before.tags.get(tag.name)) !== JSON.stringify(tag))
    const touched = yield* Effect.forEach(tags, (tag) =>
      Effect.map(newestTouch(before.event, tag, changed.includes(tag), event), (touch) =>
        touch === null ? [] : [{ tag: tag.name, event: touch }]
      )
    )
    const now = new Map(tags.map((tag) => [tag.name, tag]))
    const gone = [...before.tags.keys()].filter((name) => !now.has(name))
    return { seen: { event, tags: now }, touched: touched.flat(), changed, gone }
  })

/** The newest event that touched a tag after what was seen; null where none did, and where it cannot be exported as it is. */
const newestTouch = (
  before: number | null,
  tag: FedTag,
  isNew: boolean,
  event: number
): Effect.Effect<number | null, SourceError, Source> =>
  Effect.gen(function* () {
    if (tag.watching._tag === "Unusable") return null
    // a hub that goes back, as one does that was restored, may have another history now
    if (isNew || before === null || event < before) return event
    const { inherit, latest } = tag.watching.options
    const source = yield* Source
    const causes = yield* source.causes(tag.name, { event: null, inherit, latest }, before)
    return causes.at(-1)?.event ?? null
  })
