import { Effect } from "effect"
import { type Blobs, readBlob, writeBlob } from "../graph/index.ts"
import { type ChunkList, cutIntoChunks, writeChunks } from "./chunk-list.ts"
import { compareBytes, inPublishedOrder, publishedKey, type RpmPlace, TaggedChunk, type TaggedRpm } from "./rpm-row.ts"
import { Snapshot, type SnapshotDigest, writeSnapshot } from "./snapshot.ts"

/** What can be other than in a former content: all rpms of some packages. */
export interface TouchedRpms {
  /** Names of packages: of their builds. */
  readonly packages: ReadonlySet<string>
  /** Where the former content lists their rpms. */
  readonly before: ReadonlyArray<RpmPlace>
  /** Their rpms now. */
  readonly now: ReadonlyArray<TaggedRpm>
}

/**
 * Stores a tag's content as a change of a former one: the same bytes as {@link writeSnapshot} gives for all rows, at the cost of the
 * list and of the chunks in which touched rpms lie. Null where the former content lists other rpms of these packages than is said:
 * then it is not the one that was meant.
 */
export const spliceSnapshot = (
  former: typeof SnapshotDigest.Type,
  { before, now, packages }: TouchedRpms
): Effect.Effect<typeof SnapshotDigest.Type | null, never, Blobs> =>
  Effect.gen(function* () {
    if (packages.size === 0) return former
    const chunks = openChunks(yield* readBlob(Snapshot, former))
    const { list } = chunks
    if (list.length === 0) return before.length === 0 ? yield* writeSnapshot(now) : null
    const gone = new Set(before.map(publishedKey))
    const come = new Map(now.map((rpm) => [publishedKey(rpm), rpm]))
    const edits = new Map<number, Edit>()
    for (const [index, keys] of yield* placesOf(chunks, [...gone, ...come.keys()])) {
      const old = yield* chunks.rows(index)
      const taken = old.filter((rpm) => packages.has(rpm.build.name))
      if (taken.some((rpm) => !gone.delete(publishedKey(rpm)))) return null
      const kept = old.filter((rpm) => !packages.has(rpm.build.name))
      const rows = inPublishedOrder([...kept, ...keys.flatMap((key) => come.get(key) ?? [])])
      edits.set(index, { old, rows })
    }
    if (gone.size > 0) return null
    return yield* writeBlob(Snapshot, yield* cutAgain(chunks, edits))
  })

type List = ChunkList<ReadonlyArray<TaggedRpm>>

/** A list whose chunks are read when they are needed, each once. */
interface Chunks {
  readonly list: List
  readonly rows: (index: number) => Effect.Effect<ReadonlyArray<TaggedRpm>, never, Blobs>
}

const openChunks = (list: List): Chunks => {
  const read = new Map<number, ReadonlyArray<TaggedRpm>>()
  return {
    list,
    rows: (index) => {
      const known = read.get(index)
      const ref = list[index]
      if (known !== undefined) return Effect.succeed(known)
      if (ref === undefined) return Effect.succeed([])
      return Effect.tap(readBlob(TaggedChunk, ref.chunk), (rows) => Effect.sync(() => read.set(index, rows)))
    }
  }
}

interface Edit {
  readonly old: ReadonlyArray<TaggedRpm>
  readonly rows: ReadonlyArray<TaggedRpm>
}

/** The chunks in which rows of these keys lie or belong, with the keys; what comes before all others belongs in the first. */
const placesOf = (
  chunks: Chunks,
  keys: ReadonlyArray<string>
): Effect.Effect<ReadonlyMap<number, ReadonlyArray<string>>, never, Blobs> =>
  Effect.gen(function* () {
    const places = new Map<number, Array<string>>()
    let index = 0
    for (const key of [...new Set(keys)].sort(compareBytes)) {
      while (index + 1 < chunks.list.length && (yield* beginsBy(chunks, index + 1, key))) index += 1
      const place = places.get(index)
      if (place === undefined) places.set(index, [key])
      else place.push(key)
    }
    return places
  })

/**
 * Whether a chunk's first row stands at a key or before it. The list knows the name of that row only: its key begins with the name and a
 * dash. That decides, unless the other key begins so too; names may be beginnings of each other, and their rows interleave.
 */
const beginsBy = (chunks: Chunks, index: number, key: string): Effect.Effect<boolean, never, Blobs> => {
  const beginning = `${chunks.list[index]?.first}-`
  if (!key.startsWith(beginning)) return Effect.succeed(compareBytes(beginning, key) < 0)
  return Effect.map(chunks.rows(index), ([first]) => first !== undefined && compareBytes(publishedKey(first), key) <= 0)
}

/**
 * Cuts edited chunks anew. A cut looks at a row's name and at that of the row before: so where the first or the last name of a chunk
 * is another than before, or nothing is left of the chunk, its neighbour is cut anew with it. All other cuts stay.
 */
const cutAgain = (chunks: Chunks, edits: ReadonlyMap<number, Edit>): Effect.Effect<List, never, Blobs> =>
  Effect.gen(function* () {
    const opened = new Set(edits.keys())
    for (const [index, { old, rows }] of edits) {
      if (rows[0]?.name !== old[0]?.name) opened.add(index - 1)
      if (rows.at(-1)?.name !== old.at(-1)?.name) opened.add(index + 1)
    }
    const list: Array<List[number]> = []
    let run: Array<TaggedRpm> = []
    for (const [index, ref] of chunks.list.entries()) {
      if (opened.has(index)) {
        for (const row of edits.get(index)?.rows ?? (yield* chunks.rows(index))) run.push(row)
        if (opened.has(index + 1) && index + 1 < chunks.list.length) continue
        list.push(...(yield* writeChunks(TaggedChunk, cutIntoChunks(run))))
        run = []
      } else {
        list.push(ref)
      }
    }
    return list
  })
