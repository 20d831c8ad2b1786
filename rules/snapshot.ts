import { Effect, Schema } from "effect"
import { type Blobs, DigestOf, writeBlob } from "../graph/index.ts"
import { chunkList, cutting, type EncodedChunk, encodeChunk, writeEncoded } from "./chunk-list.ts"
import { buildDifferences } from "./rpm-differences.ts"
import { inPublishedOrder, TaggedChunk, type TaggedRpm } from "./rpm-row.ts"

/** A tag's content at one moment: all its rpms, with all their copies, in published order. */
export const Snapshot = chunkList(TaggedChunk, buildDifferences)
export const SnapshotDigest = DigestOf(Snapshot)

/** The newest event that touched a content, with its time in Unix seconds. Only what carries a date may look at it. */
export const Stamp = Schema.Struct({ event: Schema.Int, time: Schema.Int })
export type Stamp = typeof Stamp.Type

/** Stores a tag's content. The rows may come in any order; equal contents give equal digests. */
export const writeSnapshot = (
  rpms: ReadonlyArray<TaggedRpm>
): Effect.Effect<typeof SnapshotDigest.Type, never, Blobs> =>
  writeEncodedSnapshot(encodeSnapshot(inPublishedOrder(rpms)))

/** A tag's content as the bytes of its chunks, which take a third of the memory of its rows. */
export type EncodedSnapshot = ReadonlyArray<EncodedChunk<TaggedRpm>>

/** The rows come in published order, and are not needed any more after their chunk. */
export const encodeSnapshot = (rpms: Iterable<TaggedRpm>): EncodedSnapshot =>
  Array.from(cutting(rpms), (cut) => encodeChunk(TaggedChunk, cut))

/** The same as {@link writeSnapshot} does, in two steps. */
export const writeEncodedSnapshot = (
  chunks: EncodedSnapshot
): Effect.Effect<typeof SnapshotDigest.Type, never, Blobs> =>
  Effect.flatMap(Effect.forEach(chunks, writeEncoded), (list) => writeBlob(Snapshot, list))
