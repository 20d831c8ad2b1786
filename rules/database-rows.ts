import { Effect, Schema } from "effect"
import { action, type BlobCodec, DigestOf, readBlob, writeBlob } from "../graph/index.ts"
import {
  changelogRows,
  filelistRows,
  type ListRows,
  type PrimaryRows,
  primaryRows
} from "../src/repodata/database-rows.ts"
import { fillPrimary } from "../src/repodata/primary.ts"
import { LocationBase, MetadataRows } from "./compress-group.ts"
import { lines } from "./lines.ts"
import { Fragments } from "./package-metadata.ts"

/** What the packages of a chunk are in primary.sqlite. */
export const PrimaryDatabaseRows: BlobCodec<ReadonlyArray<PrimaryRows>> = jsonLines("primary-database-rows")

/** What the packages of a chunk are in filelists.sqlite or other.sqlite. */
export const ListDatabaseRows: BlobCodec<ReadonlyArray<ListRows>> = jsonLines("list-database-rows")

/** The rows of a chunk's packages in the three databases, from their XML: read once while the chunk stays. */
export const DatabaseRows = action("database-rows", {
  version: 1,
  input: Schema.Struct({ chunk: DigestOf(MetadataRows), first: Schema.String, base: LocationBase }),
  output: Schema.Struct({
    primary: DigestOf(PrimaryDatabaseRows),
    filelists: DigestOf(ListDatabaseRows),
    other: DigestOf(ListDatabaseRows)
  }),
  label: ({ first }) => first,
  cost: () => 30,
  run: ({ base, chunk }) =>
    Effect.gen(function* () {
      const primary: Array<PrimaryRows> = []
      const filelists: Array<ListRows> = []
      const other: Array<ListRows> = []
      for (const { base: own = base, fragments, href, timeFile } of yield* readBlob(MetadataRows, chunk)) {
        const parts = yield* readBlob(Fragments, fragments)
        const place = { href, timeFile, ...(own === undefined ? {} : { base: own }) }
        primary.push(primaryRows(Buffer.concat(fillPrimary(parts.primary, place)).toString()))
        filelists.push(filelistRows(textOf(parts.filelists)))
        other.push(changelogRows(textOf(parts.other)))
      }
      return {
        primary: yield* writeBlob(PrimaryDatabaseRows, primary),
        filelists: yield* writeBlob(ListDatabaseRows, filelists),
        other: yield* writeBlob(ListDatabaseRows, other)
      }
    })
})

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()

/** A function declaration, as the codecs above stand first. */
function jsonLines<Row>(name: string): BlobCodec<ReadonlyArray<Row>> {
  return lines({
    name,
    lineOf: (row: Row) => JSON.stringify(row),
    // only the encoder writes these lines, from rows
    rowOf: (line) => JSON.parse(line) as Row
  })
}
