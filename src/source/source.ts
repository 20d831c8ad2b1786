import { Context, Data, type Effect, type Either } from "effect"
import type { BlobMissing, Digest, Store, StoreError } from "../../graph/index.ts"
import type { SnapshotDigest, Stamp } from "../../rules/index.ts"
import type { ContentCauseKind } from "../hub/model.ts"

/** Which content of a tag is meant. */
export interface ContentRequest {
  /** null: now. Signatures are always as of now, as in Koji. */
  readonly event: number | null
  readonly inherit: boolean
  /** Only the latest build of each package, by tagging order. */
  readonly latest: boolean
}

export interface SnapshotOptions<E> {
  readonly check?: (arches: ReadonlyArray<string>) => Either.Either<unknown, E>
  readonly afresh?: boolean
}

/** A tag's content, read at one moment. */
export interface TagSnapshot {
  readonly tagId: number
  /** The tag's arches, or those of the first parent that has some; empty where none has. As of now, as Koji's client asks. */
  readonly arches: ReadonlyArray<string>
  readonly content: typeof SnapshotDigest.Type
  readonly stamp: Stamp
  /** The event that the content was read at: the newest of all, if none was asked for. */
  readonly event: number
  /** How much of the tag had to be read: nothing, where nothing happened to it since it was read last. */
  readonly read: "all" | "touched" | "nothing"
}

/** An event that can be why a content is another than before. */
export interface Cause {
  readonly event: number
  /** Unix seconds. */
  readonly time: number
  /** The tag that was changed; null where a file was. */
  readonly tag: string | null
  readonly what: ContentCauseKind
  /** N-V-R of the build whose listing or files changed, name of the package whose entry did, or of the parent tag. */
  readonly subject: string
  /** Of the signature that was imported or the signed copy that was written. */
  readonly sigkey: string | null
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
    /**
     * Reads a content, all at one moment. Where it can it goes on from what the store remembers of the last time; `afresh` makes it read
     * all, for who was told that something in the store is lost, or does not trust it. `check` sees the tag's arches before anything else is read, so that a request that makes
     * no sense costs nothing; what it fails with is the failure. As with Koji's client, it comes after a tag that is not there
     * and before what is wrong with the event.
     */
    readonly snapshot: <E = never>(
      tag: string,
      request: ContentRequest,
      options?: SnapshotOptions<E>
    ) => Effect.Effect<TagSnapshot, SourceError | StoreError | BlobMissing | E, Store>
    /**
     * The absolute path of each of these packages' files, in their order; null where there is none. Not in the content: paths differ
     * between installations.
     */
    readonly paths: (files: ReadonlyArray<Digest>) => Effect.Effect<ReadonlyArray<string | null>, SourceError>
    /** For explanations: what happened after the event `since` that can have changed the content, oldest first. */
    readonly causes: (
      tag: string,
      request: ContentRequest,
      since: number
    ) => Effect.Effect<ReadonlyArray<Cause>, SourceError>
  }
>() {}
