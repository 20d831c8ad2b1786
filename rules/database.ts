import { Effect, Schema } from "effect"
import { DigestOf, needAll, plan, readBlob, writeBlob } from "../graph/index.ts"
import { checksumTypes } from "../src/repodata/checksum-type.ts"
import { databaseVersion } from "../src/repodata/database-schema.ts"
import { LocationBase } from "./compress-group.ts"
import { Compression, suffixes } from "./compression.ts"
import { DatabaseFile, ListDatabaseList, PrimaryDatabaseList } from "./database-file.ts"
import { DatabaseRows } from "./database-rows.ts"
import { RepositoryFiles } from "./repository-file.ts"
import { RowsList } from "./rows-list.ts"

/** The SQLite databases of a repository's metadata, by their types in repomd.xml. Only the chunks that changed are read again. */
export const Database = plan("database", {
  version: 1,
  needs: [DatabaseRows, DatabaseFile],
  input: Schema.Struct({
    rows: DigestOf(RowsList),
    /** Of the compressed XML files, in hex. */
    xmlChecksums: Schema.Struct({ primary: Schema.String, filelists: Schema.String, other: Schema.String }),
    base: LocationBase,
    compression: Compression,
    /** Of the files; where absent sha256. */
    checksumType: Schema.optionalWith(Schema.Literal(...checksumTypes), { exact: true })
  }),
  output: RepositoryFiles,
  label: () => "",
  run: ({ base, rows, xmlChecksums, ...options }) =>
    Effect.gen(function* () {
      const chunks = yield* readBlob(RowsList, rows)
      const made = yield* needAll(
        DatabaseRows,
        chunks.map((chunk) => ({ chunk: chunk.rows, first: chunk.first, ...(base === undefined ? {} : { base }) }))
      )
      const lists = {
        primary: yield* writeBlob(
          PrimaryDatabaseList,
          made.map(({ primary }) => primary)
        ),
        filelists: yield* writeBlob(
          ListDatabaseList,
          made.map(({ filelists }) => filelists)
        ),
        other: yield* writeBlob(
          ListDatabaseList,
          made.map(({ other }) => other)
        )
      }
      const inputs = [
        { rows: { kind: "primary", list: lists.primary }, xmlChecksum: xmlChecksums.primary },
        { rows: { kind: "filelists", list: lists.filelists }, xmlChecksum: xmlChecksums.filelists },
        { rows: { kind: "other", list: lists.other }, xmlChecksum: xmlChecksums.other }
      ] as const
      const files = yield* needAll(
        DatabaseFile,
        inputs.map((input) => ({ ...input, ...options }))
      )
      return Object.fromEntries(
        files.map((file, index) => {
          const kind = inputs[index]?.rows.kind ?? "other"
          return [`${kind}_db`, { name: `${kind}.sqlite.${suffixes[options.compression]}`, ...file, databaseVersion }]
        })
      )
    })
})
