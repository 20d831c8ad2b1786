import type { DatabaseSync } from "node:sqlite"
import { type Digest, hashOf } from "./digest.ts"
import type { Pack } from "./pack.ts"
import { placeLength, type ResultBatch } from "./result-batch.ts"
import type { RanNodes, RuleRecord, RunRecord, RunStatus } from "./store.ts"

/**
 * page_size and auto_vacuum take effect only before the first table. Half of a sha256 is enough to find a blob or a node by: that
 * what was found is what was asked for is seen when it is read.
 */
export const schema = `
PRAGMA page_size = 4096;
PRAGMA auto_vacuum = incremental;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA cache_size = -16384;
PRAGMA wal_autocheckpoint = 16000;
CREATE TABLE IF NOT EXISTS pack (id INTEGER PRIMARY KEY AUTOINCREMENT, size INTEGER NOT NULL, base INTEGER REFERENCES pack, bytes BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS blob (
  hash BLOB PRIMARY KEY, pack INTEGER NOT NULL REFERENCES pack, start INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rule (
  id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE, name TEXT NOT NULL, version INTEGER NOT NULL,
  tools TEXT NOT NULL, needs TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS run (
  id INTEGER PRIMARY KEY AUTOINCREMENT, label TEXT NOT NULL, status TEXT NOT NULL, started INTEGER NOT NULL,
  finished INTEGER, root TEXT) STRICT;
CREATE INDEX IF NOT EXISTS run_by_label ON run (label, id);
CREATE TABLE IF NOT EXISTS batch (
  id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, rule INTEGER NOT NULL REFERENCES rule, nodes INTEGER NOT NULL,
  own_ms REAL NOT NULL, outputs BLOB NOT NULL, traces BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS node (
  key BLOB PRIMARY KEY, batch INTEGER NOT NULL REFERENCES batch, slot INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS memory (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS moment (at INTEGER PRIMARY KEY, pack INTEGER NOT NULL) STRICT;
`

type Begin = "BEGIN" | "BEGIN IMMEDIATE"

/** Runs as one transaction: all of it is done or nothing. */
export const transaction = <A>(database: DatabaseSync, begin: Begin, body: () => A): A => {
  database.exec(begin)
  try {
    const result = body()
    database.exec("COMMIT")
    return result
  } catch (cause) {
    if (database.isTransaction) database.exec("ROLLBACK")
    throw cause
  }
}

export type Statements = ReturnType<typeof prepareStatements>

/** Every SQL statement of the store, typed. `database` has the tables of {@link schema}. */
export const prepareStatements = (database: DatabaseSync) => {
  const packInsert = database.prepare("INSERT INTO pack (size, base, bytes) VALUES (?, ?, ?) RETURNING id")
  const blobInsert = database.prepare(
    `INSERT INTO blob (hash, pack, start) VALUES (?, ?, ?)
     ON CONFLICT (hash) DO UPDATE SET pack = excluded.pack, start = excluded.start`
  )
  const blobExists = database.prepare("SELECT 1 FROM blob WHERE hash = ?")
  const blobDelete = database.prepare("DELETE FROM blob WHERE hash = ?")
  const ruleInsert = database.prepare(
    `INSERT INTO rule (fingerprint, name, version, tools, needs) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (fingerprint) DO UPDATE SET name = excluded.name RETURNING id`
  )
  const batchInsert = database.prepare(
    "INSERT INTO batch (run, rule, nodes, own_ms, outputs, traces) VALUES (?, ?, ?, ?, ?, ?) RETURNING id"
  )
  const nodeInsert = database.prepare(
    "INSERT INTO node (key, batch, slot) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING"
  )
  const nodeReplace = database.prepare("INSERT OR REPLACE INTO node (key, batch, slot) VALUES (?, ?, ?)")
  const placeSelect = database.prepare("SELECT batch, slot FROM node WHERE key = ?")
  // The one query that is asked for every node; an object with names would cost a sixth more.
  placeSelect.setReturnArrays(true)
  const outputsSelect = database.prepare("SELECT run, outputs FROM batch WHERE id = ?")
  const tracesSelect = database.prepare(
    "SELECT traces, fingerprint, name, version, tools, needs FROM batch JOIN rule ON rule.id = rule WHERE batch.id = ?"
  )
  /** Which packs there were at a moment: from it garbage collection knows which are older. */
  const momentInsert = database.prepare(
    "INSERT OR REPLACE INTO moment (at, pack) SELECT ?, coalesce((SELECT max(id) FROM pack), 0)"
  )
  const runInsert = database.prepare("INSERT INTO run (label, status, started) VALUES (?, 'running', ?) RETURNING id")
  const runUpdate = database.prepare("UPDATE run SET status = ?, finished = ?, root = ? WHERE id = ?")
  const runSelect = database.prepare("SELECT * FROM run WHERE id = ?")
  const runLast = database.prepare(
    "SELECT * FROM run WHERE label = ? AND status = 'succeeded' AND id < ? ORDER BY id DESC LIMIT 1"
  )
  const ranSelect = database.prepare(
    "SELECT name, sum(nodes) AS nodes, total(own_ms) AS own_ms FROM batch JOIN rule ON rule.id = rule WHERE run = ? GROUP BY name"
  )
  const memorySelect = database.prepare("SELECT text FROM memory WHERE name = ?")
  const memoryInsert = database.prepare(
    "INSERT INTO memory (name, text) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET text = excluded.text"
  )
  const ruleIds = new Map<string, number>()

  const ruleId = (rule: RuleRecord): number => {
    const known = ruleIds.get(rule.fingerprint)
    if (known !== undefined) return known
    const row = ruleInsert.get(
      rule.fingerprint,
      rule.name,
      rule.version,
      JSON.stringify(rule.tools),
      JSON.stringify(rule.needs)
    )
    const id = Number(row?.["id"])
    ruleIds.set(rule.fingerprint, id)
    return id
  }
  const within = <A>(begin: Begin, body: () => A): A => {
    try {
      return transaction(database, begin, body)
    } catch (cause) {
      ruleIds.clear()
      throw cause
    }
  }

  return {
    inTransaction: <A>(body: () => A): A => within("BEGIN IMMEDIATE", body),
    /** One read transaction for many look-ups: cheaper than one each. */
    reading: <A>(body: () => A): A => within("BEGIN", body),
    /** Gives the pack's id. */
    insertPack: ({ base, blobs, bytes, size }: Pack): number => {
      const id = Number(packInsert.get(size, base, bytes)?.["id"])
      for (const { digest, start } of blobs) blobInsert.run(blobKey(digest), id, start)
      return id
    },
    hasBlob: (digest: Digest): boolean => blobExists.get(blobKey(digest)) !== undefined,
    deleteBlob: (digest: Digest): void => void blobDelete.run(blobKey(digest)),
    insertBatch: ({ nodes, outputs, ownMs, rule, run, traces }: ResultBatch): void => {
      const id = Number(batchInsert.get(run, ruleId(rule), nodes.length, ownMs, outputs, traces)?.["id"])
      for (const [slot, { key, rerun }] of nodes.entries()) {
        const insert = rerun === null ? nodeInsert : nodeReplace
        insert.run(nodePlace(key), id, slot)
      }
    },
    /** Where the result of a node is. */
    selectPlace: (key: string): { readonly batch: number; readonly slot: number } | undefined => {
      const row = placeSelect.get(nodePlace(key))
      return row === undefined ? undefined : { batch: Number(row["0"]), slot: Number(row["1"]) }
    },
    selectOutputs: (batch: number): Pick<ResultBatch, "run" | "outputs"> | undefined => {
      const row = outputsSelect.get(batch)
      const outputs = row?.["outputs"]
      return outputs instanceof Uint8Array ? { run: Number(row?.["run"]), outputs } : undefined
    },
    selectTraces: (batch: number): Pick<ResultBatch, "rule" | "traces"> | undefined => {
      const row = tracesSelect.get(batch)
      const traces = row?.["traces"]
      return traces instanceof Uint8Array ? { rule: ruleOf(row ?? {}), traces } : undefined
    },
    insertMoment: (at: number): void => void momentInsert.run(at),
    insertRun: (label: string, started: number): number => Number(runInsert.get(label, started)?.["id"]),
    updateRun: (
      id: number,
      end: { readonly status: RunStatus; readonly finished: number; readonly root: string | null }
    ): void => void runUpdate.run(end.status, end.finished, end.root, id),
    selectRun: (id: number): RunRecord | undefined => runOf(runSelect.get(id)),
    selectLastSucceeded: (label: string, before: number): RunRecord | undefined => runOf(runLast.get(label, before)),
    selectMemory: (name: string): string | undefined => {
      const text = memorySelect.get(name)?.["text"]
      return typeof text === "string" ? text : undefined
    },
    upsertMemory: (name: string, text: string): void => void memoryInsert.run(name, text),
    selectRan: (run: number): ReadonlyArray<RanNodes> =>
      ranSelect
        .all(run)
        .map((row) => ({ rule: String(row["name"]), nodes: Number(row["nodes"]), ownMs: Number(row["own_ms"]) }))
  }
}

type Row = Readonly<Record<string, unknown>>

/** As the table of blobs has it. */
export const blobKey = (digest: Digest): Uint8Array => Buffer.from(hashOf(digest).slice(0, 32), "hex")

const nodePlace = (key: string): Uint8Array => Buffer.from(key.slice(0, placeLength), "hex")

const ruleOf = (row: Row): RuleRecord => ({
  fingerprint: String(row["fingerprint"]),
  name: String(row["name"]),
  version: Number(row["version"]),
  tools: JSON.parse(String(row["tools"])),
  needs: JSON.parse(String(row["needs"]))
})

/** A row of the table of runs. */
export const runOf = (row: Row | undefined): RunRecord | undefined =>
  row === undefined
    ? undefined
    : {
        id: Number(row["id"]),
        label: String(row["label"]),
        // only insertRun and updateRun write the column
        status: row["status"] as RunStatus,
        started: Number(row["started"]),
        finished: row["finished"] === null ? null : Number(row["finished"]),
        root: row["root"] === null ? null : String(row["root"])
      }
