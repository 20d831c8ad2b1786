import { randomBytes } from "node:crypto"
import { DatabaseSync } from "node:sqlite"
import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { hashIndex } from "../../../graph/gc/hash-index.ts"

const indexOf = (hashes: ReadonlyArray<Uint8Array>) => {
  const database = new DatabaseSync(":memory:")
  database.exec("CREATE TABLE blob (hash BLOB PRIMARY KEY, pack INTEGER, start INTEGER) WITHOUT ROWID")
  const insert = database.prepare("INSERT INTO blob VALUES (?, ?, ?)")
  for (const [at, hash] of hashes.entries()) insert.run(hash, at, at + 1)
  const columns: Array<readonly [number, number]> = []
  const index = hashIndex(
    database,
    { table: "blob", columns: ["pack", "start"] },
    (row, pack, start) => {
      columns[row] = [pack, start]
    },
    () => {}
  )
  database.close()
  return { index, columns }
}

describe("an index of hashes", () => {
  it("finds every row and nothing else, also where hashes are not spread evenly", () =>
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.uint8Array({ minLength: 16, maxLength: 16 }), { selector: String, maxLength: 60 }),
        fc.array(fc.constantFrom(0, 1, 254, 255), { minLength: 16, maxLength: 16 }),
        (hashes, other) => {
          const { columns, index } = indexOf(hashes)
          expect(index.length).toBe(hashes.length)
          for (const [at, hash] of hashes.entries()) {
            const row = index.find(Buffer.from(hash).toString("hex"))
            expect(columns[row]).toEqual([at, at + 1])
            expect(Buffer.from(index.bytesOf(row)).equals(hash)).toBe(true)
          }
          const isThere = hashes.some((hash) => Buffer.from(hash).equals(Buffer.from(other)))
          expect(index.find(Buffer.from(other).toString("hex")) >= 0).toBe(isThere)
        }
      )
    ))

  it("takes the beginning of a longer name, and has room for many", () => {
    const hashes = Array.from({ length: 20_000 }, () => randomBytes(32))
    const { columns, index } = indexOf(hashes.map((hash) => hash.subarray(0, 16)))
    expect(hashes.every((hash, at) => columns[index.find(hash.toString("hex"))]?.[0] === at)).toBe(true)
    expect(index.find(randomBytes(32).toString("hex"))).toBe(-1)
  })
})
