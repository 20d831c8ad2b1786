import { Effect } from "effect"
import { Source, type SourceError } from "../../source/source.ts"
import { type FedTag, TagFeed } from "../../source/tag-feed.ts"

/** What was seen of the hub: its newest event then (null: nothing yet), and the watched tags by name. */
export interface Seen {
  readonly event: number | null
  readonly tags: ReadonlyMap<string, FedTag>
}

/** A tag to which something happened, and the newest event that did. */
export interface Touched {
  readonly tag: string
  readonly event: number
}

export const nothingSeen: Seen = { event: null, tags: new Map() }

/**
 * Waits until the hub has another newest event than was seen, and finds the watched tags that it, or those before it, touched: their content,
 * or how they are to be exported. A tag that is watched for the first time counts.
 */
export const look = (
  before: Seen,
  chosen: (tag: string) => boolean
): Effect.Effect<{ readonly seen: Seen; readonly touched: ReadonlyArray<Touched> }, SourceError, Source | TagFeed> =>
  Effect.gen(function* () {
    const feed = yield* TagFeed
    const event = yield* feed.next(before.event)
    const tags = (yield* feed.tags).filter(({ name }) => chosen(name))
    const touched = yield* Effect.forEach(tags, (tag) =>
      Effect.map(newestTouch(before, tag, event), (touch) => (touch === null ? [] : [{ tag: tag.name, event: touch }]))
    )
    return { seen: { event, tags: new Map(tags.map((tag) => [tag.name, tag])) }, touched: touched.flat() }
  })

/** The newest event that touched a tag after what was seen; null where none did, and where it cannot be exported as it is. */
const newestTouch = (before: Seen, tag: FedTag, event: number): Effect.Effect<number | null, SourceError, Source> =>
  Effect.gen(function* () {
    if (tag.watching._tag === "Unusable") return null
    const isKnown = JSON.stringify(before.tags.get(tag.name)) === JSON.stringify(tag)
    // a hub that goes back, as one does that was restored, may have another history now
    if (!isKnown || before.event === null || event < before.event) return event
    const { inherit, latest } = tag.watching.options
    const source = yield* Source
    const causes = yield* source.causes(tag.name, { event: null, inherit, latest }, before.event)
    return causes.at(-1)?.event ?? null
  })
