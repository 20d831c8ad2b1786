import { Context, Data, type Effect } from "effect"
import type { Digest } from "./digest.ts"

/** The store cannot be read or written: permissions, a full disk, a file that is no database. */
export class StoreError extends Data.TaggedError("StoreError")<{ readonly store: string; readonly reason: string }> {
  override get message(): string {
    return `the store ${this.store} cannot be used: ${this.reason}`
  }
}

/** The store has no such blob; `damaged` where it had one whose bytes are not what the digest says (it is removed then). */
export class BlobMissing extends Data.TaggedError("BlobMissing")<{
  readonly digest: Digest
  readonly damaged: boolean
}> {
  override get message(): string {
    return this.damaged
      ? `the stored blob ${this.digest} was damaged and is removed; try again`
      : `the blob ${this.digest} is no longer in the store; try again`
  }
}

/** Why a node was run although its key was known. */
export type Rerun = "forced" | "output-lost" | "output-damaged" | "output-unreadable"

/** One asked-for node in the order in which its plan asked. */
export interface Demand {
  readonly rule: string
  readonly label: string
  readonly key: string
}

/** What identifies a rule's code, kept so that explanations can tell what changed in it. */
export interface RuleRecord {
  readonly fingerprint: string
  readonly name: string
  readonly version: number
  readonly tools: Readonly<Record<string, string>>
  /** Fingerprints of the rules it may ask for. */
  readonly needs: ReadonlyArray<string>
}

/** A finished node: action-cache entry, manifest and explain data at once. */
export interface NodeRecord {
  readonly key: string
  readonly rule: RuleRecord
  /** Canonical JSON of the encoded input. */
  readonly input: string
  /** JSON of the encoded output, in one line. */
  readonly output: string
  /** What a plan asked for. A function of the input, so it belongs to the node and every run that meets the node shares it. */
  readonly demands: ReadonlyArray<Demand>
  /** The run that computed it. */
  readonly run: number
  /** Time of its own, in milliseconds; not that of what it asked for. Kept to the microsecond. */
  readonly ownMs: number
  readonly rerun: Rerun | null
}

export type RunStatus = "running" | "succeeded" | "failed" | "interrupted"

/** One evaluation of a graph. */
export interface RunRecord {
  readonly id: number
  /** The place of the root demand, such as `dist-repo f42`: the same from run to run. */
  readonly label: string
  readonly status: RunStatus
  /** Milliseconds since the epoch. */
  readonly started: number
  readonly finished: number | null
  /** The root's node key, once known. */
  readonly root: string | null
}

/** A cached result, as a look-up needs it. */
export interface Hit {
  readonly output: string
  readonly run: number
  /** True where the output that was stored cannot be told any more, which not every kind of store notices. */
  readonly damaged?: boolean
}

/** What a run computed of one rule. */
export interface RanNodes {
  readonly rule: string
  readonly nodes: number
  /** The sum of their own times, in milliseconds. */
  readonly ownMs: number
}

/** What lets other threads of this process read and write a store's blobs by themselves. */
export interface SharedBlobs {
  /** The directory that they open; see `threadBlobs`. */
  readonly home: string
  /** The bytes of a blob that they cannot see yet. */
  readonly unseen: (digest: Digest) => Uint8Array | undefined
  /** After this they see every blob that was put before. */
  readonly flushBlobs: Effect.Effect<void, StoreError>
  /** Takes small blobs that one of them wrote, by which rule. */
  readonly putBlobs: (
    by: string,
    blobs: ReadonlyArray<readonly [Digest, Uint8Array]>
  ) => Effect.Effect<void, StoreError>
}

/**
 * Blobs by digest, results by node key, and the log of runs. Invariant: a node that is there has its blobs there too, so writers
 * store blobs first; a hit does not check it. Writes may be buffered:
 * reads of the same store see them at once, other processes after `flush`.
 */
export interface StoreApi {
  /** For each key, in order, the cached result. */
  readonly lookup: (keys: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<Hit | undefined>, StoreError>
  /** Everything known about a node; undefined also where it is damaged. */
  readonly node: (key: string) => Effect.Effect<NodeRecord | undefined, StoreError>
  /** Adds a node, or replaces it if it was rerun. Where two processes compute one at once, the first to store it stays. */
  readonly putNode: (node: NodeRecord) => Effect.Effect<void, StoreError>
  /** The bytes of a blob, verified against the digest. */
  readonly blob: (digest: Digest) => Effect.Effect<Uint8Array, StoreError | BlobMissing>
  /** The same, lent: `see` must not keep the bytes. Absent where `blob` copies nothing. */
  readonly lend?: <A>(digest: Digest, see: (bytes: Uint8Array) => A) => Effect.Effect<A, StoreError | BlobMissing>
  readonly putBlob: (bytes: Uint8Array) => Effect.Effect<Digest, StoreError>
  /** Whether the blob is there. Its bytes are not verified. */
  readonly hasBlob: (digest: Digest) => Effect.Effect<boolean, StoreError>
  readonly startRun: (label: string, started: number) => Effect.Effect<number, StoreError>
  readonly finishRun: (
    id: number,
    end: { readonly status: RunStatus; readonly finished: number; readonly root: string | null }
  ) => Effect.Effect<void, StoreError>
  readonly run: (id: number) => Effect.Effect<RunRecord | undefined, StoreError>
  /** The newest succeeded run of this label with an id below `before`. */
  readonly lastSucceeded: (label: string, before: number) => Effect.Effect<RunRecord | undefined, StoreError>
  /** What a run computed, by rule, in no particular order. May look at every node: meant for runs without a root to start from. */
  readonly ranIn: (run: number) => Effect.Effect<ReadonlyArray<RanNodes>, StoreError>
  /**
   * What was last remembered under a name: a small text that is no result of a rule, such as which content a source had when. Never
   * trusted for more than sparing work: it may be gone, or older than what another process knows.
   */
  readonly recall: (name: string) => Effect.Effect<string | undefined, StoreError>
  readonly remember: (name: string, text: string) => Effect.Effect<void, StoreError>
  readonly flush: Effect.Effect<void, StoreError>
  /** Absent where blobs are in one thread's memory. */
  readonly shared?: SharedBlobs
}

export class Store extends Context.Tag("graph/Store")<Store, StoreApi>() {}
