import type { Effect } from "effect"
import { type BlobCodec, type Blobs, blobCodec, type Difference, type Reference } from "../graph/index.ts"

/**
 * Defines the codec of a list that is stored as text, a line a row. No row's line holds a line feed; `rowOf` throws where a line is
 * none of the list's.
 */
export const lines = <Row>({
  lineOf,
  rowOf,
  ...rest
}: {
  readonly name: string
  readonly lineOf: (row: Row) => string
  readonly rowOf: (line: string) => Row
  readonly references?: (rows: ReadonlyArray<Row>) => ReadonlyArray<Reference>
  readonly differences?: (
    before: ReadonlyArray<Row>,
    after: ReadonlyArray<Row>
  ) => Effect.Effect<ReadonlyArray<Difference>, never, Blobs>
}): BlobCodec<ReadonlyArray<Row>> =>
  blobCodec({
    ...rest,
    encode: (rows) => Buffer.from(rows.map((row) => `${lineOf(row)}\n`).join("")),
    decode: (bytes) => {
      const texts = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString().split("\n")
      if (texts.pop() !== "") throw new TypeError(`a list (${rest.name}) ends within a line`)
      return texts.map((text) => rowOf(text))
    }
  })
