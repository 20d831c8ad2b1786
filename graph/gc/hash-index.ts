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
    const [hash, first, second] = Object.values(found)
    if (!(hash instanceof Uint8Array) || hash.length !== size) throw new Error(`a row of ${table} has no hash`)
    bytes.set(hash, row * size)
    take(row, Number(first), Number(second))
    row += 1
  }
  const wanted = Buffer.alloc(size)
  return {
    length,
    bytesOf: (at) => bytes.subarray(at * size, (at + 1) * size),
    find: (hash) => {
      wanted.write(hash.slice(0, 2 * size), "hex")
      let [low, high] = [0, length - 1]
      while (low <= high) {
        const middle = (low + high) >>> 1
        const order = bytes.compare(wanted, 0, size, middle * size, (middle + 1) * size)
        if (order === 0) return middle
        if (order < 0) low = middle + 1
        else high = middle - 1
      }
      return -1
    }
  }
}

const size = 16
