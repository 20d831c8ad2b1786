import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { gunzipSync, zstdDecompressSync } from "node:zlib"
import { afterAll, describe, expect, it } from "vitest"
import { Bytes, hashOf, sizeOf } from "../../graph/index.ts"
import { Database } from "../../rules/database.ts"
import type { RepositoryFile } from "../../rules/repository-file.ts"
import { Rope } from "../../rules/rope.ts"
import type { TaggedRpm } from "../../rules/rpm-row.ts"
import { SetMetadata } from "../../rules/set-metadata.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixturePath, fixtureRows, fixtureSet } from "./fixture-rows.ts"

type Kit = ReturnType<typeof engineKit>

const folder = mkdtempSync(join(tmpdir(), "distgraph-database-rule-"))
afterAll(() => rmSync(folder, { recursive: true }))

const xmlChecksums = { primary: "aa", filelists: "bb", other: "cc" }

const inputOf = async (kit: Kit, rows: ReadonlyArray<TaggedRpm> = fixtureRows(), compression: "gz" | "zstd" = "gz") => {
  const set = await fixtureSet(kit, { rows })
  const metadata = await kit.want(SetMetadata, { set, changelogLimit: 10, compression, rows: true })
  if (metadata.rows === undefined) throw new Error("no rows")
  return { rows: metadata.rows, xmlChecksums, compression }
}

const stored = (kit: Kit, file: RepositoryFile | undefined): Buffer =>
  file === undefined
    ? Buffer.alloc(0)
    : Buffer.concat(kit.read(Rope, file.content).map((part) => kit.read(Bytes, part)))

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

describe("the databases of a repository", () => {
  it("are listed with all that repomd.xml says of them, and know the XML that they belong to", async () => {
    const kit = engineKit({ path: fixturePath })
    const files = await kit.want(Database, await inputOf(kit))
    expect(Object.keys(files)).toEqual(["primary_db", "filelists_db", "other_db"])
    for (const [kind, checksum] of Object.entries(xmlChecksums)) {
      const file = files[`${kind}_db`]
      const bytes = stored(kit, file)
      const open = gunzipSync(bytes)
      const digest = kit.give(Bytes, bytes)
      const openDigest = kit.give(Bytes, open)
      expect(file).toEqual({
        name: `${kind}.sqlite.gz`,
        content: file?.content,
        checksum: hashOf(digest),
        size: sizeOf(digest),
        openChecksum: hashOf(openDigest),
        openSize: sizeOf(openDigest),
        databaseVersion: 10
      })
      expect(query(open, "SELECT * FROM db_info")).toEqual([{ dbversion: 10, checksum }])
      expect(query(open, "PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }])
    }
  })

  it("number the packages in the repository's order, the same in all three", async () => {
    const kit = engineKit({ path: fixturePath })
    const files = await kit.want(Database, await inputOf(kit, fixtureRows(), "zstd"))
    const open = (type: string) => zstdDecompressSync(stored(kit, files[type]))
    const packages = query(open("primary_db"), "SELECT pkgKey, location_href FROM packages")
    expect(packages.slice(0, 2)).toEqual([
      { pkgKey: 1, location_href: "Packages/c/clockwork-3.2-4.x86_64.rpm" },
      { pkgKey: 2, location_href: "Packages/d/demo-release-42-1.noarch.rpm" }
    ])
    const keys = "SELECT pkgKey, pkgId FROM packages ORDER BY pkgKey"
    expect(query(open("filelists_db"), keys)).toEqual(query(open("primary_db"), keys))
    expect(query(open("other_db"), keys)).toEqual(query(open("primary_db"), keys))
  })

  it("forget a package with all that it has, as the triggers say", async () => {
    const kit = engineKit({ path: fixturePath })
    const files = await kit.want(Database, await inputOf(kit))
    const path = join(folder, "changed.sqlite")
    writeFileSync(path, gunzipSync(stored(kit, files["primary_db"])))
    const database = new DatabaseSync(path)
    database.exec("DELETE FROM packages")
    const tables = ["files", "requires", "provides", "conflicts", "obsoletes", "recommends", "supplements"]
    const left = tables.map((table) => database.prepare(`SELECT count(*) AS left FROM ${table}`).get()?.["left"])
    database.close()
    expect(left).toEqual(tables.map(() => 0))
  })

  it("are the same bytes whenever and in whatever order they are made", async () => {
    const kit = engineKit({ path: fixturePath })
    const files = await kit.want(Database, await inputOf(kit))
    const other = engineKit({ path: fixturePath })
    expect(await other.want(Database, await inputOf(other, fixtureRows().toReversed()))).toEqual(files)
  })

  it("read only the chunks in which packages changed", async () => {
    const kit = engineKit({ path: fixturePath })
    await kit.want(
      Database,
      await inputOf(
        kit,
        fixtureRows().filter(({ version }) => version !== "1.1")
      )
    )
    kit.ran()
    await kit.want(Database, await inputOf(kit))
    const ran = kit.ran().filter((node) => node.startsWith("database"))
    expect(ran).toEqual([
      "database",
      "database-file filelists",
      "database-file other",
      "database-file primary",
      "database-rows clockwork"
    ])
  })
})
