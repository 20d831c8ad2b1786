import type { DatabaseSync } from "node:sqlite"

/**
 * Finds the rows of a table by their 16 bytes of hash, millions of them at 16 bytes each. Rows are numbered from 0 in the order of the
 * hashes.
 */
export interface HashIndex {
  readonly length: number
  /** The number of the row whose hash begins with these 32 hex digits; -1 where there is none. */
  readonly find: (hash: string) => number
  /** The 16 bytes of a row. */
  readonly bytesOf: (row: number) => Uint8Array
}

/**
 * Reads a table whose first column is the hash, ordered by it. `take` gets the other columns of each row as numbers.
 */
export const hashIndex = (
  database: DatabaseSync,
  { columns, table }: { readonly table: "node" | "blob"; readonly columns: readonly [string, string] },
  take: (row: number, first: number, second: number) => void,
  reserve: (rows: number) => void
): HashIndex => {
  const key = table === "node" ? "key" : "hash"
  const length = Number(database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.["rows"])
  reserve(length)
  const bytes = Buffer.alloc(length * size)
  const statement = database.prepare(`SELECT ${key}, ${columns.join(", ")} FROM ${table} ORDER BY ${key}`)
  statement.setReturnArrays(true)
  let row = 0
  for (const found of statement.iterate()) {
    const hash = found["0"]
    if (!(hash instanceof Uint8Array) || hash.length !== size) throw new Error(`a row of ${table} has no hash`)
    bytes.set(hash, row * size)
    take(row, Number(found["1"]), Number(found["2"]))
    row += 1
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const wanted = Buffer.alloc(size)
  return {
    length,
    bytesOf: (at) => bytes.subarray(at * size, (at + 1) * size),
    find: (hash) => {
      wanted.write(hash.slice(0, 2 * size), "hex")
      const head = wanted.readUInt32BE(0)
      let [low, lowHead, high, highHead] = [0, 0, length - 1, 2 ** 32]
      for (let step = 0; low <= high; step += 1) {
        // Hashes are spread evenly, so where one lies can be told from what it is: this touches much less memory than halving does.
        const share = step < guesses ? (head - lowHead) / (highHead - lowHead) : 0.5
        const at = low + Math.min(high - low, Math.floor((high - low) * share))
        const there = view.getUint32(at * size)
        const order =
          there === head ? bytes.compare(wanted, 0, size, at * size, (at + 1) * size) : there < head ? -1 : 1
        if (order === 0) return at
        if (order < 0) [low, lowHead] = [at + 1, there]
        else [high, highHead] = [at - 1, Math.max(there, lowHead) + 1]
      }
      return -1
    }
  }
}

/** After so many guesses that were wrong the rest is halved, which always comes to an end soon. */
const guesses = 12

const size = 16
