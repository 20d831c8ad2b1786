import { createHash } from "node:crypto"
import { closeSync, openSync, readSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect, Schema } from "effect"
import { accident, action, type Blobs, Bytes, DigestOf, isDigest, readBlob, sizeOf, writeBlob } from "../graph/index.ts"
import { checksumTypes, hashAlgorithm } from "../src/repodata/checksum-type.ts"
import type { Cell, ListRows, PrimaryRows } from "../src/repodata/database-rows.ts"
import {
  type DatabaseKind,
  databaseSchemas,
  databaseVersion,
  dependencyTables
} from "../src/repodata/database-schema.ts"
import { Compression, compress, compressors } from "./compression.ts"
import { ListDatabaseRows, PrimaryDatabaseRows } from "./database-rows.ts"
import { lines } from "./lines.ts"
import { FileFacts } from "./repository-file.ts"
import { Rope } from "./rope.ts"

/** All rows of primary.sqlite, chunk by chunk, in the order of the packages. */
export const PrimaryDatabaseList = listOf("primary-database-list", PrimaryDatabaseRows)

/** All rows of filelists.sqlite or of other.sqlite. */
export const ListDatabaseList = listOf("list-database-list", ListDatabaseRows)

/** primary.sqlite, filelists.sqlite or other.sqlite, compressed. The same rows make the same bytes, with the same SQLite. */
export const DatabaseFile = action("database-file", {
  version: 1,
  tools: { ...compressors, sqlite: process.versions.sqlite ?? "none" },
  input: Schema.Struct({
    rows: Schema.Union(
      Schema.Struct({ kind: Schema.Literal("primary"), list: DigestOf(PrimaryDatabaseList) }),
      Schema.Struct({ kind: Schema.Literal("filelists", "other"), list: DigestOf(ListDatabaseList) })
    ),
    /** Of the compressed XML that has the same in it, in hex: by it clients tell whether the database belongs to it. */
    xmlChecksum: Schema.String,
    compression: Compression,
    /** Where absent sha256. */
    checksumType: Schema.optionalWith(Schema.Literal(...checksumTypes), { exact: true })
  }),
  output: Schema.Struct({ content: DigestOf(Rope), ...FileFacts }),
  label: ({ rows }) => rows.kind,
  // a database of some hundred packages takes some milliseconds, one of a distribution tens of seconds
  cost: ({ rows }) => 5 + sizeOf(rows.list),
  run: ({ checksumType = "sha256", compression, rows, xmlChecksum }) =>
    Effect.scoped(
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        const path = join(folder, `${rows.kind}.sqlite`)
        yield* filled(path, rows.kind, xmlChecksum, (database) =>
          rows.kind === "primary" ? addPrimary(database, rows.list) : addLists(database, rows.kind, rows.list)
        )
        const content: Array<DigestOf<Uint8Array>> = []
        const sum = createHash(hashAlgorithm(checksumType))
        const openSum = createHash(hashAlgorithm(checksumType))
        let openSize = 0
        yield* eachPiece(path, (piece) => {
          const stored = compress(compression, piece)
          openSum.update(piece)
          sum.update(stored)
          openSize += piece.length
          return Effect.map(writeBlob(Bytes, stored), (part) => void content.push(part))
        })
        return {
          content: yield* writeBlob(Rope, content),
          checksum: sum.digest("hex"),
          size: content.reduce((total, part) => total + sizeOf(part), 0),
          openChecksum: openSum.digest("hex"),
          openSize
        }
      })
    )
})

/** Makes the database and fills it, in one transaction. */
const filled = (
  path: string,
  kind: DatabaseKind,
  xmlChecksum: string,
  fill: (database: DatabaseSync) => Effect.Effect<void, never, Blobs>
): Effect.Effect<void, never, Blobs> =>
  Effect.acquireUseRelease(
    trying(() => new DatabaseSync(path)),
    (database) =>
      Effect.gen(function* () {
        const { indexes, tables } = databaseSchemas[kind]
        // nobody reads it before it is done, and nothing of it is kept where it fails
        for (const setting of ["page_size = 4096", "journal_mode = OFF", "synchronous = OFF", "cache_size = -65536"]) {
          yield* trying(() => database.exec(`PRAGMA ${setting}`))
        }
        yield* trying(() => {
          database.exec(["BEGIN", ...tables].join(";\n"))
          database.prepare("INSERT INTO db_info VALUES (?, ?)").run(databaseVersion, xmlChecksum)
        })
        yield* fill(database)
        yield* trying(() => database.exec([...indexes, "COMMIT"].join(";\n")))
      }),
    (database) => Effect.sync(() => database.close())
  )

const addPrimary = (
  database: DatabaseSync,
  list: DigestOf<ReadonlyArray<DigestOf<ReadonlyArray<PrimaryRows>>>>
): Effect.Effect<void, never, Blobs> =>
  Effect.gen(function* () {
    const package_ = yield* inserter(database, "packages", 26)
    const file = yield* inserter(database, "files", 3)
    const dependencies = new Map(
      yield* Effect.forEach(dependencyTables, (table) =>
        Effect.map(inserter(database, table, table === "requires" ? 7 : 6), (insert) => [table, insert] as const)
      )
    )
    let key = 0
    for (const chunk of yield* readBlob(PrimaryDatabaseList, list)) {
      const packages = yield* readBlob(PrimaryDatabaseRows, chunk)
      yield* trying(() => {
        for (const rows of packages) {
          key += 1
          package_([key, ...rows.package])
          for (const row of rows.files) file([...row, key])
          for (const [table, entries] of rows.dependencies) {
            // pkgKey stands before what only requires have
            for (const row of entries) dependencies.get(table)?.([...row.slice(0, 5), key, ...row.slice(5)])
          }
        }
      })
    }
  })

const addLists = (
  database: DatabaseSync,
  kind: "filelists" | "other",
  list: DigestOf<ReadonlyArray<DigestOf<ReadonlyArray<ListRows>>>>
): Effect.Effect<void, never, Blobs> =>
  Effect.gen(function* () {
    const package_ = yield* inserter(database, "packages", 2)
    const entry = yield* inserter(database, kind === "filelists" ? "filelist" : "changelog", 4)
    let key = 0
    for (const chunk of yield* readBlob(ListDatabaseList, list)) {
      const packages = yield* readBlob(ListDatabaseRows, chunk)
      yield* trying(() => {
        for (const { pkgId, rows } of packages) {
          key += 1
          package_([key, pkgId])
          for (const row of rows) entry([key, ...row])
        }
      })
    }
  })

const inserter = (
  database: DatabaseSync,
  table: string,
  columns: number
): Effect.Effect<(row: ReadonlyArray<Cell>) => void> =>
  trying(() => {
    const statement = database.prepare(`INSERT INTO ${table} VALUES (${Array(columns).fill("?").join(", ")})`)
    return (row) => void statement.run(...row)
  })

/** Bytes that are compressed at once: memory does not grow with the database. */
const pieceSize = 4 * 1024 * 1024

const eachPiece = (
  path: string,
  use: (piece: Uint8Array) => Effect.Effect<void, never, Blobs>
): Effect.Effect<void, never, Blobs> =>
  Effect.acquireUseRelease(
    trying(() => openSync(path, "r")),
    (file) =>
      Effect.gen(function* () {
        const piece = new Uint8Array(pieceSize)
        for (;;) {
          const length = yield* trying(() => readSync(file, piece))
          if (length === 0) return
          yield* use(piece.subarray(0, length))
        }
      }),
    (file) => Effect.sync(() => closeSync(file))
  )

/** A folder that goes with its user. */
const temporaryFolder = Effect.acquireRelease(
  Effect.catchAll(
    Effect.tryPromise(() => mkdtemp(join(tmpdir(), "distgraph-database-"))),
    ({ error }) => accident(unmade(error))
  ),
  (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true }))
)

/** What fails here is the machine's fault, such as a full disk. */
function trying<A>(work: () => A): Effect.Effect<A> {
  return Effect.catchAll(Effect.try(work), ({ error }) => accident(unmade(error)))
}

const unmade = (error: unknown): string =>
  `a database of the metadata cannot be made: ${error instanceof Error ? error.message : String(error)}`

function listOf<Row>(name: string, rows: Parameters<typeof DigestOf<ReadonlyArray<Row>>>[0]) {
  return lines({
    name,
    lineOf: (digest: DigestOf<ReadonlyArray<Row>>) => digest,
    rowOf: (line) => {
      if (!isDigest(line)) throw new TypeError(`not a line of a ${name}: ${line}`)
      return line as DigestOf<ReadonlyArray<Row>> // the references say so, and only the encoder writes it
    },
    references: (digests) => digests.map((digest) => ({ digest, codec: rows }))
  })
}
