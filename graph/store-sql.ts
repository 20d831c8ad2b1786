import type { DatabaseSync } from "node:sqlite"
import { crc32 } from "node:zlib"
import { hashOf } from "./digest.ts"
import type { Pack } from "./pack.ts"
import type { Demand, Hit, NodeRecord, RanNodes, Rerun, RuleRecord, RunRecord, RunStatus } from "./store.ts"

/** page_size and auto_vacuum take effect only before the first table. */
export const schema = `
PRAGMA page_size = 16384;
PRAGMA auto_vacuum = incremental;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA cache_size = -16384;
PRAGMA wal_autocheckpoint = 4000;
CREATE TABLE IF NOT EXISTS pack (id INTEGER PRIMARY KEY AUTOINCREMENT, size INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS blob (
  id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, pack INTEGER NOT NULL REFERENCES pack, start INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS rule (
  id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE, name TEXT NOT NULL, version INTEGER NOT NULL,
  tools TEXT NOT NULL, needs TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS run (
  id INTEGER PRIMARY KEY AUTOINCREMENT, label TEXT NOT NULL, status TEXT NOT NULL, started INTEGER NOT NULL,
  finished INTEGER, root TEXT) STRICT;
CREATE INDEX IF NOT EXISTS run_by_label ON run (label, id);
CREATE TABLE IF NOT EXISTS node (
  id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, rule INTEGER NOT NULL REFERENCES rule, input TEXT NOT NULL,
  output TEXT NOT NULL, sum INTEGER NOT NULL, demands TEXT NOT NULL, run INTEGER NOT NULL, own_ms REAL NOT NULL, rerun TEXT) STRICT;
CREATE TABLE IF NOT EXISTS memory (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;
`

/** Every SQL statement of the store, typed. `database` has the tables of {@link schema}. */
export const prepareStatements = (database: DatabaseSync) => {
  const packInsert = database.prepare("INSERT INTO pack (size, bytes) VALUES (?, ?) RETURNING id")
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
  const nodeInsert = database.prepare(
    `INSERT INTO node (key, rule, input, output, sum, demands, run, own_ms, rerun) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET output = excluded.output, sum = excluded.sum, demands = excluded.demands, run = excluded.run,
       own_ms = excluded.own_ms, rerun = excluded.rerun
       WHERE excluded.rerun IS NOT NULL`
  )
  const hitSelect = database.prepare("SELECT output, run, sum FROM node WHERE key = ?")
  // The one query that is asked for every node; an object with names would cost a sixth more.
  hitSelect.setReturnArrays(true)
  const nodeSelect = database.prepare(
    "SELECT node.*, fingerprint, name, version, tools, needs FROM node JOIN rule ON rule.id = rule WHERE key = ?"
  )
  const runInsert = database.prepare("INSERT INTO run (label, status, started) VALUES (?, 'running', ?) RETURNING id")
  const runUpdate = database.prepare("UPDATE run SET status = ?, finished = ?, root = ? WHERE id = ?")
  const runSelect = database.prepare("SELECT * FROM run WHERE id = ?")
  const runLast = database.prepare(
    "SELECT * FROM run WHERE label = ? AND status = 'succeeded' AND id < ? ORDER BY id DESC LIMIT 1"
  )
  const ranSelect = database.prepare(
    "SELECT name, count(*) AS nodes, total(own_ms) AS own_ms FROM node JOIN rule ON rule.id = rule WHERE run = ? GROUP BY name"
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
  const within = <A>(begin: string, body: () => A): A => {
    database.exec(begin)
    try {
      const result = body()
      database.exec("COMMIT")
      return result
    } catch (cause) {
      ruleIds.clear()
      if (database.isTransaction) database.exec("ROLLBACK")
      throw cause
    }
  }

  return {
    inTransaction: <A>(body: () => A): A => within("BEGIN IMMEDIATE", body),
    /** One read transaction for many look-ups: cheaper than one each. */
    reading: <A>(body: () => A): A => within("BEGIN", body),
    insertPack: ({ blobs, bytes, size }: Pack): void => {
      const id = Number(packInsert.get(size, bytes)?.["id"])
      for (const { digest, start } of blobs) blobInsert.run(key(hashOf(digest)), id, start)
    },
    hasBlob: (hash: string): boolean => blobExists.get(key(hash)) !== undefined,
    deleteBlob: (hash: string): void => void blobDelete.run(key(hash)),
    insertNode: (node: NodeRecord): void =>
      void nodeInsert.run(
        key(node.key),
        ruleId(node.rule),
        node.input,
        node.output,
        sumOf(node.key, node.output),
        encodeDemands(node.demands),
        node.run,
        node.ownMs,
        node.rerun
      ),
    selectHit: (nodeKey: string): Hit | undefined => {
      const row = hitSelect.get(key(nodeKey))
      if (row === undefined) return undefined
      const output = String(row["0"])
      const hit = { output, run: Number(row["1"]) }
      return row["2"] === sumOf(nodeKey, output) ? hit : { ...hit, damaged: true }
    },
    selectNode: (nodeKey: string): NodeRecord | undefined => {
      const row = nodeSelect.get(key(nodeKey))
      return row?.["sum"] === sumOf(nodeKey, String(row?.["output"])) ? nodeOf(nodeKey, row) : undefined
    },
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

const key = (hex: string): Uint8Array => Buffer.from(hex, "hex")

/**
 * Tells an output that a bad disk or a careless hand changed, or put under another key, from the one that was stored. A CRC
 * finds accidents, which is what it is for, at a third of what a digest costs a hit.
 */
const sumOf = (key: string, output: string): number => crc32(output, Number.parseInt(key.slice(0, 8), 16))

/** One line a demand: key, rule, label. Labels hold no line breaks: they are made of names. */
const encodeDemands = (demands: ReadonlyArray<Demand>): string =>
  demands
    .map(
      ({ key, label, rule }) => `${Buffer.from(key, "hex").toString("base64")} ${rule} ${label.replaceAll("\n", " ")}`
    )
    .join("\n")

const decodeDemands = (text: string): ReadonlyArray<Demand> =>
  text === ""
    ? []
    : text.split("\n").map((line) => {
        const [encoded = "", rule = "", ...label] = line.split(" ")
        return { key: Buffer.from(encoded, "base64").toString("hex"), rule, label: label.join(" ") }
      })

const nodeOf = (nodeKey: string, row: Row): NodeRecord => ({
  key: nodeKey,
  rule: {
    fingerprint: String(row["fingerprint"]),
    name: String(row["name"]),
    version: Number(row["version"]),
    tools: JSON.parse(String(row["tools"])),
    needs: JSON.parse(String(row["needs"]))
  },
  input: String(row["input"]),
  output: String(row["output"]),
  demands: decodeDemands(String(row["demands"])),
  run: Number(row["run"]),
  ownMs: Number(row["own_ms"]),
  // only insertNode writes the column
  rerun: row["rerun"] as Rerun | null
})

const runOf = (row: Row | undefined): RunRecord | undefined =>
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
