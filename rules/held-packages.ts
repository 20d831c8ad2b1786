import { Effect, Schema } from "effect"
import {
  action,
  type BlobCodec,
  blobCodec,
  DigestOf,
  isDigest,
  needAll,
  plan,
  readBlob,
  writeBlob
} from "../graph/index.ts"
import { type HeldPackage, heldPackage } from "../src/repodata/held-packages.ts"
import { differencesInChunks } from "./chunk-list.ts"
import { MetadataRows } from "./compress-group.ts"
import { lines } from "./lines.ts"
import { namedDifferences } from "./named-differences.ts"
import { Fragments } from "./package-metadata.ts"
import { ChunkRows, RowsList } from "./rows-list.ts"

const heldDifferences = namedDifferences(({ fileName }: HeldPackage) => fileName)

/** The packages of a chunk by what files of other metadata name them by. */
const HeldChunk: BlobCodec<ReadonlyArray<HeldPackage>> = blobCodec({
  name: "held-packages",
  differences: (before, after) => Effect.sync(() => heldDifferences(before, after)),
  encode: (packages) => Buffer.from(JSON.stringify(packages)),
  decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()) // only the encoder above writes them
})

/** The packages that a repository holds, chunk by chunk. */
const HeldList: BlobCodec<ReadonlyArray<DigestOf<ReadonlyArray<HeldPackage>>>> = lines({
  name: "list of held-packages",
  differences: differencesInChunks(HeldChunk, heldDifferences),
  lineOf: (chunk: DigestOf<ReadonlyArray<HeldPackage>>) => chunk,
  rowOf: (line) => {
    if (!isDigest(line)) throw new TypeError(`not a line of a list of held packages: ${line}`)
    return line as DigestOf<ReadonlyArray<HeldPackage>> // the references say so, and only the encoder writes it
  },
  references: (chunks) => chunks.map((digest) => ({ digest, codec: HeldChunk }))
})
export const HeldListDigest = DigestOf(HeldList)

/** Reads all of a list. */
export const readHeldPackages = (list: typeof HeldListDigest.Type) =>
  Effect.flatMap(readBlob(HeldList, list), (chunks) =>
    Effect.map(
      Effect.forEach(chunks, (chunk) => readBlob(HeldChunk, chunk)),
      (packages) => packages.flat()
    )
  )

const HeldPackagesChunk = action("held-packages-chunk", {
  version: 1,
  input: ChunkRows,
  output: DigestOf(HeldChunk),
  label: ({ first }) => first,
  cost: () => 4,
  run: ({ rows }) =>
    Effect.gen(function* () {
      const held = yield* Effect.forEach(yield* readBlob(MetadataRows, rows), ({ fragments, href }) =>
        Effect.map(readBlob(Fragments, fragments), ({ primary: [first] }) =>
          heldPackage(Buffer.from(first.buffer, first.byteOffset, first.length).toString("latin1"), href)
        )
      )
      return yield* writeBlob(
        HeldChunk,
        held.filter((package_) => package_ !== undefined)
      )
    })
})

/** What a repository holds, for the rules that limit other metadata to it: these run again only where it holds something else. */
export const HeldPackages = plan("held-packages", {
  version: 1,
  needs: [HeldPackagesChunk],
  input: Schema.Struct({ rows: DigestOf(RowsList) }),
  output: HeldListDigest,
  label: () => "",
  run: ({ rows }) =>
    Effect.gen(function* () {
      const chunks = yield* readBlob(RowsList, rows)
      return yield* writeBlob(HeldList, yield* needAll(HeldPackagesChunk, chunks))
    })
})
