import { hash } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { gunzipSync } from "node:zlib"
import { afterAll, describe, expect, it } from "vitest"
import { Bytes, type OutputOf } from "../../graph/index.ts"
import { DatabaseFile, ListDatabaseList, PrimaryDatabaseList } from "../../rules/database-file.ts"
import { DatabaseRows } from "../../rules/database-rows.ts"
import { Rope } from "../../rules/rope.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixturePath } from "./fixture-rows.ts"
import { metadataRows } from "./metadata-rows.ts"

type Kit = ReturnType<typeof engineKit>

const folder = mkdtempSync(join(tmpdir(), "distgraph-database-file-"))
afterAll(() => rmSync(folder, { recursive: true }))

/** Two chunks of one package each. */
const chunksOf = async (kit: Kit) => {
  const chunks: Array<OutputOf<typeof DatabaseRows>> = []
  for (const file of ["greet-doc-2.0-3.noarch.rpm", "minish-5-2.x86_64.rpm"]) {
    chunks.push(await kit.want(DatabaseRows, { chunk: await metadataRows(kit, [file]), first: file }))
  }
  return chunks
}

const stored = (kit: Kit, { content }: OutputOf<typeof DatabaseFile>): Buffer =>
  Buffer.concat(kit.read(Rope, content).map((part) => kit.read(Bytes, part)))

const query = (bytes: Uint8Array, sql: string): ReadonlyArray<unknown> => {
  const path = join(folder, "read.sqlite")
  writeFileSync(path, bytes)
  const database = new DatabaseSync(path, { readOnly: true })
  const rows = database
    .prepare(sql)
    .all()
    .map((row) => ({ ...row }))
  database.close()
  return rows
}

describe("database-file", () => {
  it("has the rows of all chunks, and says to which XML it belongs", async () => {
    const kit = engineKit({ path: fixturePath })
    const chunks = await chunksOf(kit)
    const list = kit.give(
      PrimaryDatabaseList,
      chunks.map(({ primary }) => primary)
    )
    const input = { rows: { kind: "primary" as const, list }, xmlChecksum: "aa", compression: "gz" as const }
    const open = gunzipSync(stored(kit, await kit.want(DatabaseFile, input)))
    expect(query(open, "SELECT pkgKey, name FROM packages ORDER BY pkgKey")).toEqual([
      { pkgKey: 1, name: "greet-doc" },
      { pkgKey: 2, name: "minish" }
    ])
    expect(query(open, "SELECT * FROM db_info")).toEqual([{ dbversion: 10, checksum: "aa" }])
  })

  it("of nothing is a database all the same, summed as asked", async () => {
    const kit = engineKit()
    const rows = { kind: "other" as const, list: kit.give(ListDatabaseList, []) }
    const file = await kit.want(DatabaseFile, { rows, xmlChecksum: "cc", compression: "gz", checksumType: "sha1" })
    const bytes = stored(kit, file)
    const open = gunzipSync(bytes)
    expect(file).toMatchObject({
      checksum: hash("sha1", bytes, "hex"),
      size: bytes.length,
      openChecksum: hash("sha1", open, "hex"),
      openSize: open.length
    })
    expect(query(open, "SELECT count(*) AS count FROM changelog")).toEqual([{ count: 0 }])
    expect(kit.ran()).toEqual(["database-file other"])
  })

  it("is the same bytes whenever it is made", async () => {
    const kit = engineKit()
    const rows = { kind: "filelists" as const, list: kit.give(ListDatabaseList, []) }
    await kit.deterministic(DatabaseFile, { rows, xmlChecksum: "bb", compression: "zstd" })
  })
})
