import { Effect, Schema } from "effect"
import { type BlobCodec, Bytes, DigestOf, isDigest, writeBlob } from "../graph/index.ts"
import { chunkEntry } from "../src/repodata/zchunk.ts"
import { compressChunk } from "./compression.ts"
import { lines } from "./lines.ts"

/** A run of a zchunk file's chunks. */
export const ZchunkPart = Schema.Struct({
  /** The compressed chunks, one behind the other. */
  stored: DigestOf(Bytes),
  /** Their entries in the file's index, in the same order. */
  entries: DigestOf(Bytes),
  chunks: Schema.Int,
  /** Bytes of their text. */
  openSize: Schema.Int
})
export type ZchunkPart = typeof ZchunkPart.Type

/** Makes a chunk of each text, or several where it is longer than libzck makes them. */
export const writeZchunkPart = (texts: ReadonlyArray<Uint8Array>, dictionary: Uint8Array | undefined) =>
  Effect.gen(function* () {
    const pieces = texts.flatMap(notTooLong)
    const stored = pieces.map((text) => compressChunk(text, dictionary))
    const entries = stored.map((bytes, index) => chunkEntry(bytes, pieces[index]?.length ?? 0))
    return {
      stored: yield* writeBlob(Bytes, Buffer.concat(stored)),
      entries: yield* writeBlob(Bytes, Buffer.concat(entries)),
      chunks: pieces.length,
      openSize: pieces.reduce((sum, { length }) => sum + length, 0)
    } satisfies ZchunkPart
  })

const notTooLong = (text: Uint8Array): ReadonlyArray<Uint8Array> =>
  Array.from({ length: Math.ceil(text.length / longestChunk) }, (_, index) =>
    text.subarray(index * longestChunk, (index + 1) * longestChunk)
  )

const longestChunk = 10 * 1024 * 1024

/** All chunks of a zchunk file's packages, run by run. */
export const ZchunkParts: BlobCodec<ReadonlyArray<ZchunkPart>> = lines({
  name: "zchunk-parts",
  lineOf: ({ chunks, entries, openSize, stored }: ZchunkPart) => `${stored}\t${entries}\t${chunks}\t${openSize}`,
  rowOf: (line) => {
    const [stored, entries, chunks, openSize] = line.split("\t")
    if (!(isDigest(stored) && isDigest(entries))) throw new TypeError(`not a line of zchunk parts: ${line}`)
    return {
      stored: stored as ZchunkPart["stored"], // any blob is bytes
      entries: entries as ZchunkPart["entries"],
      chunks: Number(chunks),
      openSize: Number(openSize)
    }
  },
  references: (parts) =>
    parts.flatMap(({ entries, stored }) => [stored, entries].map((digest) => ({ digest, codec: Bytes })))
})
