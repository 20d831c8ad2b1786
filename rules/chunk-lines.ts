import { Effect } from "effect"
import { type BlobCodec, type DigestOf, readBlob, writeBlob } from "../graph/index.ts"
import { lettersOf } from "./chunk-list.ts"
import { lines } from "./lines.ts"

/**
 * Reads a chunk of rpms as the lines that it is stored in, for who reads little of each and hands it on as it is: a tenth of what the
 * rows cost, and every arch of every export looks at every rpm of a tag.
 */
export const readChunkLines = <Row>(chunk: DigestOf<ReadonlyArray<Row>>) =>
  // the same blob, whose rows stay unread
  readBlob(Lines, chunk as unknown as DigestOf<ReadonlyArray<string>>)

/** Writes what a chunk became; its lines are those that the rows' codec makes. */
export const writeDerivedLines = <Row>(_rows: BlobCodec<ReadonlyArray<Row>>, rpms: ReadonlyArray<string>) =>
  rpms.length === 0
    ? Effect.succeed(null)
    : Effect.map(writeBlob(Lines, rpms), (chunk) => ({
        // so the blob is one of theirs
        chunk: chunk as unknown as DigestOf<ReadonlyArray<Row>>,
        rpms: rpms.length,
        // a line begins with the name
        letters: lettersOf(rpms)
      }))

const Lines: BlobCodec<ReadonlyArray<string>> = lines({
  name: "lines",
  lineOf: (line: string) => line,
  rowOf: (line) => line
})
