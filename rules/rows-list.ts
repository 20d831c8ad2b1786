import { Schema } from "effect"
import { type BlobCodec, DigestOf, isDigest } from "../graph/index.ts"
import { differencesInChunks } from "./chunk-list.ts"
import { MetadataRows, packageDifferences } from "./compress-group.ts"
import { lines } from "./lines.ts"

/** The packages of one chunk, as a repository's metadata lists them. */
export const ChunkRows = Schema.Struct({ rows: DigestOf(MetadataRows), /** The chunk's name. */ first: Schema.String })
export type ChunkRows = typeof ChunkRows.Type

/** The packages of a repository, chunk by chunk. For what is made of the packages themselves. */
export const RowsList: BlobCodec<ReadonlyArray<ChunkRows>> = lines({
  name: "list of metadata-rows",
  differences: (before, after) =>
    differencesInChunks(MetadataRows, packageDifferences)(
      before.map(({ rows }) => rows),
      after.map(({ rows }) => rows)
    ),
  lineOf: ({ first, rows }: ChunkRows) => `${rows}\t${first}`,
  rowOf: (line) => {
    const [rows, ...first] = line.split("\t")
    if (!isDigest(rows)) throw new TypeError(`not a line of a list of metadata rows: ${line}`)
    // the references say so, and only the encoder writes it
    return { rows: rows as ChunkRows["rows"], first: first.join("\t") }
  },
  references: (chunks) => chunks.map(({ rows }) => ({ digest: rows, codec: MetadataRows }))
})
