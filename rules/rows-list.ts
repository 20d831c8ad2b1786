import { type BlobCodec, type DigestOf, isDigest } from "../graph/index.ts"
import { type MetadataRow, MetadataRows } from "./compress-group.ts"
import { lines } from "./lines.ts"

/** The packages of a repository as its metadata lists them, a run of rows for each chunk. For what is made of the packages themselves. */
export const RowsList: BlobCodec<ReadonlyArray<DigestOf<ReadonlyArray<MetadataRow>>>> = lines({
  name: "list of metadata-rows",
  lineOf: (rows: DigestOf<ReadonlyArray<MetadataRow>>) => rows,
  rowOf: (line) => {
    if (!isDigest(line)) throw new TypeError(`not a line of a list of metadata rows: ${line}`)
    return line as DigestOf<ReadonlyArray<MetadataRow>> // the references say so, and only the encoder writes it
  },
  references: (runs) => runs.map((digest) => ({ digest, codec: MetadataRows }))
})
