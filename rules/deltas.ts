import { Effect, Schema } from "effect"
import {
  type BlobCodec,
  type Blobs,
  Bytes,
  type Digest,
  DigestOf,
  hashOf,
  needAll,
  plan,
  readBlob,
  sizeOf,
  writeBlob
} from "../graph/index.ts"
import { deltaPairs } from "../src/repodata/delta-pairs.ts"
import { drpmName, type DeltaRpm as ListedDelta, prestodeltaXml } from "../src/repodata/prestodelta.ts"
import { type Nevra, nvra } from "../src/rpm/nevra.ts"
import type { ChunkList } from "./chunk-list.ts"
import { DeltaOptions, DeltaRpm } from "./delta-rpm.ts"
import { Directory, type DirectoryEntry } from "./directory.ts"
import { OlderChunk, OlderList, OlderListDigest } from "./older-packages.ts"

/** Which delta rpms a repository has, and how they are made. */
export const DeltaRequest = Schema.Struct({
  /** The older repositories. */
  older: Schema.Array(OlderListDigest),
  /** From how many editions in each older repository a package has deltas, at most: the newest. */
  perRepository: Schema.Int,
  ...DeltaOptions
})

/** A pair of packages of which the tool makes no delta. */
export const ImpossibleDelta = Schema.Struct({ package: Schema.String, from: Schema.String, reason: Schema.String })

/**
 * The rule for the delta rpms of a repository that lists these packages: prestodelta.xml, and `drpms` with the deltas that are worth having.
 */
export const deltas = <const Name extends string, Row>(
  name: Name,
  list: BlobCodec<ChunkList<ReadonlyArray<Row>>>,
  chunk: BlobCodec<ReadonlyArray<Row>>,
  packageOf: (row: Row) => Nevra & { readonly file: Digest }
) =>
  plan(name, {
    version: 1,
    needs: [DeltaRpm],
    input: Schema.Struct({ set: DigestOf(list), ...DeltaRequest.fields }),
    output: Schema.Struct({
      prestodelta: DigestOf(Bytes),
      /** Of `drpms`; empty where there is no delta. */
      drpms: DigestOf(Directory),
      impossible: Schema.Array(ImpossibleDelta)
    }),
    label: () => "",
    run: ({ older, perRepository, set, ...options }) =>
      Effect.gen(function* () {
        const packages = (yield* readAll(list, chunk, set)).map(packageOf)
        const from = yield* Effect.forEach(older, (repository) => readAll(OlderList, OlderChunk, repository))
        // a delta is not made from a file that is too large to be one's own
        const candidates = from.map((rows) => rows.filter(({ file }) => sizeOf(file) <= options.maxInstalledSize))
        const pairs = deltaPairs(packages, candidates, perRepository)
        const tried = yield* needAll(
          DeltaRpm,
          pairs.map((pair) => ({ ...pair, ...options }))
        )
        const listed: Array<ListedDelta> = []
        const entries: Array<DirectoryEntry> = []
        const impossible: Array<typeof ImpossibleDelta.Type> = []
        for (const [index, delta] of tried.entries()) {
          const pair = pairs[index]
          if (pair === undefined || delta._tag === "NotWorthwhile") continue
          if (delta._tag === "Impossible") {
            impossible.push({ package: nvra(pair.package), from: nvra(pair.from), reason: delta.reason })
            continue
          }
          const { drpm, sequence } = delta
          listed.push({ ...pair, sequence, size: sizeOf(drpm), sha256: hashOf(drpm) })
          entries.push({ name: drpmName(pair.package, pair.from), type: "file", content: drpm })
        }
        return {
          prestodelta: yield* writeBlob(Bytes, prestodeltaXml(listed)),
          drpms: yield* writeBlob(Directory, { entries }),
          impossible
        }
      })
  })

const readAll = <Row>(
  list: BlobCodec<ChunkList<ReadonlyArray<Row>>>,
  chunk: BlobCodec<ReadonlyArray<Row>>,
  digest: DigestOf<ChunkList<ReadonlyArray<Row>>>
): Effect.Effect<ReadonlyArray<Row>, never, Blobs> =>
  Effect.flatMap(readBlob(list, digest), (refs) =>
    Effect.map(
      Effect.forEach(refs, (ref) => readBlob(chunk, ref.chunk)),
      (rows) => rows.flat()
    )
  )
