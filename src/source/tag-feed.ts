import { Context, type Effect } from "effect"
import type { Watching } from "../koji/tag2distrepo.ts"
import type { SourceError } from "./source.ts"

/** A tag that asks to be exported whenever it changes. */
export interface FedTag {
  readonly name: string
  readonly watching: Exclude<Watching, { readonly _tag: "NotWatched" }>
  /** Whether a newer change ends an export that is under way: the tag's `distrepo.cancel_others`, its own or inherited. */
  readonly cancelOthers: boolean
}

/** Where it is learned that tags may have changed, and which of them are watched. */
export class TagFeed extends Context.Tag("distgraph/TagFeed")<
  TagFeed,
  {
    /** Gives the id of the hub's newest event, as soon as it is another than this one (null: as soon as there is one). */
    readonly next: (known: number | null) => Effect.Effect<number, SourceError>
    /** The tags that ask for exports, by name, as they are now. */
    readonly tags: Effect.Effect<ReadonlyArray<FedTag>, SourceError>
    /**
     * When the first of these rpms (N-V-R.A) came into a tag, or with `inherit` into one of its parents: a Unix time in milliseconds; null
     * where none is there any more.
     */
    readonly firstTagged: (
      tag: string,
      inherit: boolean,
      rpms: ReadonlyArray<string>
    ) => Effect.Effect<number | null, SourceError>
  }
>() {}
