import { hash } from "node:crypto"
import { Effect, Schema } from "effect"
import { type BlobCodec, Blobs, type Difference, DigestOf, isDigest, readBlob, writeBlob } from "../graph/index.ts"
import { letterOf } from "../src/koji/topdir.ts"
import { lines } from "./lines.ts"

/** A chunk's place in a list: what can be decided without opening it. */
export interface ChunkRef<A> {
  readonly chunk: DigestOf<A>
  /** How many rpms are in it. */
  readonly rpms: number
  /** How hard the cut before it is: the number of zero bits that end sha256 of its first name. Larger groups end at harder cuts. */
  readonly level: number
  /** The name before which the list was cut: the chunk's own name, the same from run to run. */
  readonly first: string
  /** The letter directories that its rpms go to, sorted, each once. */
  readonly letters: ReadonlyArray<string>
}

/** One list in published order, as the chunks it is cut into. */
export type ChunkList<A> = ReadonlyArray<ChunkRef<A>>

/** A list's codec, from its chunks'. `differences` compares the rpms of the chunks that are not in both lists. */
export const chunkList = <Row>(
  chunk: BlobCodec<ReadonlyArray<Row>>,
  differences?: (before: ReadonlyArray<Row>, after: ReadonlyArray<Row>) => ReadonlyArray<Difference>
): BlobCodec<ChunkList<ReadonlyArray<Row>>> => {
  return lines({
    name: `list of ${chunk.name}`,
    lineOf: ({ chunk, first, letters, level, rpms }: ChunkRef<ReadonlyArray<Row>>) =>
      `${chunk}\t${rpms}\t${level}\t${letters.join("/")}\t${first}`,
    rowOf: refOf,
    references: (refs) => refs.map((ref) => ({ digest: ref.chunk, codec: chunk })),
    ...(differences === undefined
      ? {}
      : {
          differences: (before, after) =>
            differencesInChunks(chunk, differences)(
              before.map((ref) => ref.chunk),
              after.map((ref) => ref.chunk)
            )
        })
  })
}

/** What changed between two lists of chunks: only those are read that are not in both. */
export const differencesInChunks =
  <Row>(
    chunk: BlobCodec<ReadonlyArray<Row>>,
    differences: (before: ReadonlyArray<Row>, after: ReadonlyArray<Row>) => ReadonlyArray<Difference>
  ) =>
  (
    before: ReadonlyArray<DigestOf<ReadonlyArray<Row>>>,
    after: ReadonlyArray<DigestOf<ReadonlyArray<Row>>>
  ): Effect.Effect<ReadonlyArray<Difference>, never, Blobs> => {
    const rowsOnlyIn = (list: typeof before, other: typeof before) => {
      const shared = new Set<string>(other)
      const own = list.filter((digest) => !shared.has(digest))
      return Effect.map(
        Effect.forEach(own, (digest) => readBlob(chunk, digest)),
        (chunks) => chunks.flat()
      )
    }
    return Effect.zipWith(rowsOnlyIn(before, after), rowsOnlyIn(after, before), differences)
  }

/**
 * Cuts rows that are in published order into chunks, before a row whose name differs from its predecessor's and whose name's
 * sha256 ends in six zero bits: 64 names a chunk on average. The cut looks at nothing else, so a change moves no other chunk.
 */
export const cutIntoChunks = <Row extends { readonly name: string }>(rows: Iterable<Row>): ReadonlyArray<Cut<Row>> => [
  ...cutting(rows)
]

/** The same, each chunk as soon as its rows have come. */
export function* cutting<Row extends { readonly name: string }>(rows: Iterable<Row>): Generator<Cut<Row>> {
  let last: { readonly rows: Array<Row>; readonly level: number; readonly first: string } | undefined
  let previous: string | undefined
  for (const row of rows) {
    const level = row.name === previous ? 0 : zeroBits(row.name)
    if (last !== undefined && level < smallestLevel) last.rows.push(row)
    else {
      if (last !== undefined) yield last
      last = { rows: [row], level, first: row.name }
    }
    previous = row.name
  }
  if (last !== undefined) yield last
}

/** The rows of one chunk, and the cut before them. */
interface Cut<Row> {
  readonly rows: ReadonlyArray<Row>
  readonly level: number
  readonly first: string
}

/** Writes a list of rows that is cut already. */
export const writeChunks = <Row extends { readonly name: string }>(
  codec: BlobCodec<ReadonlyArray<Row>>,
  chunks: ReadonlyArray<Cut<Row>>
): Effect.Effect<ChunkList<ReadonlyArray<Row>>, never, Blobs> =>
  Effect.forEach(chunks, (cut) => writeEncoded(encodeChunk(codec, cut)))

/** A chunk that is to be written, as the bytes that it will be. */
export interface EncodedChunk<Row> extends Omit<ChunkRef<ReadonlyArray<Row>>, "chunk"> {
  readonly bytes: Uint8Array
}

export const encodeChunk = <Row extends { readonly name: string }>(
  codec: BlobCodec<ReadonlyArray<Row>>,
  { first, level, rows }: Cut<Row>
): EncodedChunk<Row> => ({ bytes: codec.encode(rows), ...describeRows(rows), level, first })

export const writeEncoded = <Row>({
  bytes,
  ...ref
}: EncodedChunk<Row>): Effect.Effect<ChunkRef<ReadonlyArray<Row>>, never, Blobs> =>
  Effect.flatMap(Blobs, (blobs) =>
    // the chunks' codec made these bytes
    Effect.map(blobs.write(bytes), (chunk) => ({ ...ref, chunk: chunk as DigestOf<ReadonlyArray<Row>> }))
  )

/** What a chunk became in a list derived from its own; null where nothing of it is left. */
export const DerivedChunk = <Row>(codec: BlobCodec<ReadonlyArray<Row>>) =>
  Schema.NullOr(Schema.Struct({ chunk: DigestOf(codec), rpms: Schema.Int, letters: Schema.Array(Schema.String) }))

/** Writes what a chunk became. */
export const writeDerivedChunk = <Row extends { readonly name: string }>(
  codec: BlobCodec<ReadonlyArray<Row>>,
  rows: ReadonlyArray<Row>
) => (rows.length === 0 ? Effect.succeed(null) : writeChunk(codec, rows))

/**
 * Derives a list from another, chunk by chunk; null drops a chunk that became empty. The cut before a dropped chunk stays, at the
 * next one that is kept, so that groups of chunks end where they ended before.
 */
export const mapChunks = <A, B>(
  list: ChunkList<A>,
  derived: ReadonlyArray<Pick<ChunkRef<B>, "chunk" | "rpms" | "letters"> | null>
): ChunkList<B> => {
  const kept: Array<ChunkRef<B>> = []
  let dropped = 0
  for (const [index, ref] of list.entries()) {
    const chunk = derived[index]
    if (chunk == null) {
      dropped = Math.max(dropped, ref.level)
    } else {
      kept.push({ ...chunk, level: Math.max(ref.level, dropped), first: ref.first })
      dropped = 0
    }
  }
  return kept
}

/** Runs of chunks, each begun by a cut of at least this level. */
export const runsOf = <Ref extends { readonly level: number }>(
  list: ReadonlyArray<Ref>,
  level: number
): ReadonlyArray<ReadonlyArray<Ref>> => {
  const runs: Array<Array<Ref>> = []
  for (const ref of list) {
    const last = runs.at(-1)
    if (last === undefined || ref.level >= level) runs.push([ref])
    else last.push(ref)
  }
  return runs
}

/** The letter directories of packages with these names (or file names, which begin with them), sorted, each once. */
export const lettersOf = (names: Iterable<string>): ReadonlyArray<string> =>
  [...new Set([...names].map(letterOf))].sort()

/** 1 in 64 names begins a chunk. */
export const smallestLevel = 6

const writeChunk = <Row extends { readonly name: string }>(
  codec: BlobCodec<ReadonlyArray<Row>>,
  rows: ReadonlyArray<Row>
): Effect.Effect<Pick<ChunkRef<ReadonlyArray<Row>>, "chunk" | "rpms" | "letters">, never, Blobs> =>
  Effect.map(writeBlob(codec, rows), (chunk) => ({ chunk, ...describeRows(rows) }))

const describeRows = (rows: ReadonlyArray<{ readonly name: string }>) => ({
  rpms: rows.length,
  letters: lettersOf(rows.map(({ name }) => name))
})

/** Reads the hex, which costs less than a buffer for each name. */
const zeroBits = (name: string): number => {
  const digest = hash("sha256", name, "hex")
  for (let bits = 0, at = digest.length - 8; at >= 0; bits += 32, at -= 8) {
    const word = Number.parseInt(digest.slice(at, at + 8), 16)
    if (word !== 0) return bits + (31 - Math.clz32(word & -word))
  }
  return 256
}

const refOf = <A>(line: string): ChunkRef<A> => {
  const [chunk, rpms, level, letters = "", ...first] = line.split("\t")
  if (!isDigest(chunk)) throw new TypeError(`not a chunk list's line: ${line}`)
  // the list's codec is named after its chunks', so this digest is of one
  return {
    chunk: chunk as DigestOf<A>,
    rpms: Number(rpms),
    level: Number(level),
    letters: letters === "" ? [] : letters.split("/"),
    first: first.join("\t")
  }
}
