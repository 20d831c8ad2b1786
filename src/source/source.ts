import { Context, Data, type Effect } from "effect"
import type { BlobMissing, Digest, Store, StoreError } from "../../graph/index.ts"
import type { SnapshotDigest, Stamp } from "../../rules/index.ts"

/** Which content of a tag is meant. */
export interface ContentRequest {
  /** null: now. Signatures are always as of now, as in Koji. */
  readonly event: number | null
  readonly inherit: boolean
  /** Only the latest build of each package, by tagging order. */
  readonly latest: boolean
}

/** A tag's content, read at one moment. */
export interface TagSnapshot {
  readonly tagId: number
  readonly content: typeof SnapshotDigest.Type
  readonly stamp: Stamp
  /** The event that the content was read at. */
  readonly event: number
  /** Absolute paths of the package files that the content names. Not in the content: paths differ between installations. */
  readonly files: ReadonlyMap<Digest, string>
}

/** When a build was tagged or untagged. */
export interface Tagging {
  readonly event: number
  /** Unix seconds. */
  readonly time: number
  readonly tag: string
}

/** The source cannot tell, in its own words: no such tag, an unusable database, a hub out of reach. */
export class SourceError extends Data.TaggedError("SourceError")<{
  readonly kind: "no-such-tag" | "no-such-event" | "refused" | "unavailable"
  /** The event that was asked about; null for now. */
  readonly event: number | null
  readonly reason: string
}> {
  override get message(): string {
    return this.reason
  }
}

/** Where tags and packages are read: the only thing that may change under an export. */
export class Source extends Context.Tag("distgraph/Source")<
  Source,
  {
    /** Absolute path of the tree that holds packages and repos, as `kojipkgs` names it. */
    readonly topdir: string
    /** The tag's arches, or those of the first parent that has some; empty where none has. As of now, as Koji's client asks. */
    readonly arches: (tag: string) => Effect.Effect<ReadonlyArray<string>, SourceError>
    /**
     * For explanations: the newest event at which each build (by N-V-R) came into the content or left it. Builds whose coming and
     * going was not a tagging (a block, another parent) are not in it.
     */
    readonly taggings: (
      tag: string,
      request: ContentRequest
    ) => Effect.Effect<ReadonlyMap<string, Tagging>, SourceError>
    readonly snapshot: (
      tag: string,
      request: ContentRequest
    ) => Effect.Effect<TagSnapshot, SourceError | StoreError | BlobMissing, Store>
  }
>() {}
