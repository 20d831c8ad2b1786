import { readdirSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { zstdDecompressSync } from "node:zlib"

/** What a closed store's directory holds, read past all of the store's own code. */
export interface Stored {
  /** The keys of all nodes. */
  readonly nodes: ReadonlyArray<string>
  /** Half of the sha256 of each small blob. */
  readonly small: ReadonlySet<string>
  /** The sha256 of each large blob. */
  readonly large: ReadonlySet<string>
  readonly packs: number
  readonly batches: number
  readonly runs: ReadonlyArray<number>
}

export const storedIn = (directory: string): Stored => {
  const home = join(directory, "v4")
  // others may be closing it, which takes it alone for a moment
  const database = new DatabaseSync(join(home, "store.db"), { readOnly: true, timeout: 30_000 })
  try {
    const outputs = new Map(
      database
        .prepare("SELECT id, outputs FROM batch")
        .all()
        .map(({ id, outputs }) => [Number(id), lines(outputs)])
    )
    const nodes = database
      .prepare("SELECT hex(key) AS key, batch, slot FROM node")
      .all()
      .map(({ batch, key, slot }) => {
        const line = outputs.get(Number(batch))?.[Number(slot)] ?? ""
        return String(key).toLowerCase() + line.slice(0, 32)
      })
    const small = database.prepare("SELECT hex(hash) AS hash FROM blob").all()
    const count = (table: string) => Number(database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.["rows"])
    const check = database.prepare("PRAGMA integrity_check").get()?.["integrity_check"]
    if (check !== "ok") throw new Error(`the database is damaged: ${check}`)
    const dangling = database.prepare("PRAGMA foreign_key_check").all()
    if (dangling.length > 0) throw new Error(`rows are gone that others name: ${JSON.stringify(dangling)}`)
    const files = readdirSync(join(home, "blobs"), { recursive: true, encoding: "utf8" })
    return {
      nodes,
      small: new Set(small.map(({ hash }) => String(hash).toLowerCase())),
      large: new Set(files.filter((name) => name.includes("/")).map((name) => name.replace("/", ""))),
      packs: count("pack"),
      batches: count("batch"),
      runs: database
        .prepare("SELECT id FROM run")
        .all()
        .map(({ id }) => Number(id))
    }
  } finally {
    database.close()
  }
}

const lines = (stored: unknown): ReadonlyArray<string> =>
  stored instanceof Uint8Array ? zstdDecompressSync(stored).toString().split("\n") : []
