import { readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import type { DatabaseSync } from "node:sqlite"
import { type Digest, hashOf, sizeOf } from "../digest.ts"
import { largestPacked } from "../pack.ts"
import type { RunRecord } from "../store.ts"
import { runOf, transaction } from "../store-sql.ts"
import { type HashIndex, hashIndex } from "./hash-index.ts"

/** A row of `batch`, without what it holds. */
interface BatchCount {
  readonly run: number
  readonly nodes: number
  /** In bytes, as they are stored. */
  readonly bytes: number
  /** That of the rule. */
  readonly fingerprint: string
}

/** A row of `pack`, without what it holds. */
interface PackCount {
  /** In bytes, before they were compressed. */
  readonly size: number
  readonly base: number | null
  /** In bytes, as they are stored. */
  readonly bytes: number
}

/** A large blob. */
interface BlobFile {
  readonly path: string
  /** In bytes, as it is stored. */
  readonly bytes: number
  /** Milliseconds since the epoch. */
  readonly written: number
}

/** All that a store's directory holds, at one moment, by numbers: small enough to be held in memory for millions of blobs and nodes. */
export interface Census {
  /** Tells it from later ones: another process has written in between where it differs. */
  readonly version: number
  readonly runs: ReadonlyArray<RunRecord>
  readonly batches: ReadonlyMap<number, BatchCount>
  readonly packs: ReadonlyMap<number, PackCount>
  readonly newestBatch: number
  readonly newestPack: number
  readonly nodes: HashIndex
  /** Of each node. */
  readonly batchOf: Uint32Array
  readonly slotOf: Uint16Array
  /** The small blobs, which come first; the large ones in `files` are numbered on from there. */
  readonly packed: HashIndex
  /** Of each small blob. */
  readonly packOf: Uint32Array
  readonly startOf: Uint32Array
  readonly files: ReadonlyArray<BlobFile>
  /** How many blobs there are of either size. */
  readonly blobs: number
  /** The number of a blob; -1 where there is none. */
  readonly blob: (digest: Digest) => number
  readonly memories: ReadonlyArray<{ readonly name: string; readonly text: string }>
  /** The newest pack that there was at a time (in milliseconds since the epoch) at the latest; 0 where none is known to be as old. */
  readonly packAt: (time: number) => number
}

/** Counts what the store at `home` holds. `database` is its own. */
export const takeCensus = (database: DatabaseSync, home: string): Census =>
  transaction(database, "BEGIN", () => counted(database, blobFilesIn(home)))

/** Says whether another connection has written since; see {@link Census.version}. */
export const versionOf = (database: DatabaseSync): number =>
  Number(database.prepare("PRAGMA data_version").get()?.["data_version"])

const counted = (database: DatabaseSync, files: ReadonlyMap<string, BlobFile>): Census => {
  const number = (sql: string, ...values: ReadonlyArray<number>): number =>
    Number(Object.values(database.prepare(sql).get(...values) ?? {})[0] ?? 0)
  const runs = database
    .prepare("SELECT * FROM run ORDER BY id")
    .all()
    .flatMap((row) => runOf(row) ?? [])
  const batches = new Map<number, BatchCount>()
  const selectBatches = database.prepare(
    `SELECT batch.id, run, nodes, length(outputs) + length(traces) AS bytes, fingerprint
     FROM batch JOIN rule ON rule.id = rule ORDER BY batch.id`
  )
  for (const row of selectBatches.iterate()) {
    batches.set(Number(row["id"]), {
      run: Number(row["run"]),
      nodes: Number(row["nodes"]),
      bytes: Number(row["bytes"]),
      fingerprint: String(row["fingerprint"])
    })
  }
  const packs = new Map<number, PackCount>()
  for (const row of database.prepare("SELECT id, size, base, length(bytes) AS bytes FROM pack ORDER BY id").iterate()) {
    packs.set(Number(row["id"]), {
      size: Number(row["size"]),
      base: row["base"] === null ? null : Number(row["base"]),
      bytes: Number(row["bytes"])
    })
  }
  let [batchOf, slotOf] = [new Uint32Array(), new Uint16Array()]
  const nodes = hashIndex(
    database,
    { table: "node", columns: ["batch", "slot"] },
    (row, batch, slot) => {
      batchOf[row] = batch
      slotOf[row] = slot
    },
    (rows) => {
      batchOf = new Uint32Array(rows)
      slotOf = new Uint16Array(rows)
    }
  )
  let [packOf, startOf] = [new Uint32Array(), new Uint32Array()]
  const packed = hashIndex(
    database,
    { table: "blob", columns: ["pack", "start"] },
    (row, pack, start) => {
      packOf[row] = pack
      startOf[row] = start
    },
    (rows) => {
      packOf = new Uint32Array(rows)
      startOf = new Uint32Array(rows)
    }
  )
  const fileNumbers = new Map([...files.keys()].map((hash, at) => [hash, packed.length + at]))
  return {
    version: versionOf(database),
    runs,
    batches,
    packs,
    newestBatch: number("SELECT max(id) FROM batch"),
    newestPack: number("SELECT max(id) FROM pack"),
    nodes,
    batchOf,
    slotOf,
    packed,
    packOf,
    startOf,
    files: [...files.values()],
    blobs: packed.length + files.size,
    blob: (digest) => (sizeOf(digest) > largestPacked ? (fileNumbers.get(hashOf(digest)) ?? -1) : packed.find(digest)),
    memories: database
      .prepare("SELECT name, text FROM memory ORDER BY name")
      .all()
      .map((row) => ({ name: String(row["name"]), text: String(row["text"]) })),
    packAt: momentsOf(database)
  }
}

const momentsOf = (database: DatabaseSync): Census["packAt"] => {
  const moments = database
    .prepare("SELECT at, pack FROM moment ORDER BY at DESC")
    .all()
    .map((row) => ({ at: Number(row["at"]), pack: Number(row["pack"]) }))
  return (time) => moments.find(({ at }) => at <= time)?.pack ?? 0
}

/** By sha256. */
const blobFilesIn = (home: string): ReadonlyMap<string, BlobFile> => {
  const files = new Map<string, BlobFile>()
  const blobs = join(home, "blobs")
  for (const beginning of readdirSync(blobs)) {
    for (const rest of readdirSync(join(blobs, beginning))) {
      const path = join(blobs, beginning, rest)
      const stat = statSync(path, { throwIfNoEntry: false })
      if (stat?.isFile() === true) files.set(beginning + rest, { path, bytes: stat.size, written: stat.mtimeMs })
    }
  }
  return files
}
