import { describe, expect, it } from "vitest"
import { DatabaseRows, ListDatabaseRows, PrimaryDatabaseRows } from "../../rules/database-rows.ts"
import { runTool } from "../kit/clients.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixture } from "../kit/fixtures.ts"
import { describeWithTools } from "../kit/oracle.ts"
import { fixturePath } from "./fixture-rows.ts"
import { metadataRows } from "./metadata-rows.ts"

const files = ["greet-doc-2.0-3.noarch.rpm", "libgreet-2.0-3.x86_64.rpm"]

const query = async (file: string, format: string): Promise<ReadonlyArray<string>> =>
  (await runTool("rpm", ["-qp", "--nosignature", "--qf", format, fixture("unsigned", file)])).stdout
    .split("\n")
    .slice(0, -1)

describeWithTools("rpm")("the rows of a chunk's packages in the databases", () => {
  it("are, package by package, what rpm says of them", async () => {
    const kit = engineKit({ path: fixturePath })
    const made = await kit.want(DatabaseRows, { chunk: await metadataRows(kit, files), first: "greet-doc" })
    const primary = kit.read(PrimaryDatabaseRows, made.primary)
    const filelists = kit.read(ListDatabaseRows, made.filelists)
    const other = kit.read(ListDatabaseRows, made.other)
    expect([primary.length, filelists.length, other.length]).toEqual([2, 2, 2])
    for (const [at, file] of files.entries()) {
      const [nvra] = await query(file, "%{NAME} %{ARCH} %{VERSION} %{RELEASE}\n")
      for (const word of nvra?.split(" ") ?? []) expect(primary[at]?.package).toContain(word)
      const provides = new Map(primary[at]?.dependencies).get("provides") ?? []
      expect(provides.map(([name]) => name)).toEqual(await query(file, "[%{PROVIDENAME}\n]"))
      expect(filelists[at]?.rows.length).toBeGreaterThan(0)
      expect(other[at]?.rows.map((row) => row[0])).toEqual(
        (await query(file, "[%{CHANGELOGNAME}\n]")).slice(0, 10).toReversed()
      )
      expect(filelists[at]?.pkgId).toBe(other[at]?.pkgId)
    }
  })
})

describe("database-rows", () => {
  it("has the place of each package, and the URL of all where there is one", async () => {
    const kit = engineKit({ path: fixturePath })
    const input = { chunk: await metadataRows(kit, files), first: "greet-doc" }
    const placesOf = async (base: { readonly base?: string }) =>
      kit
        .read(PrimaryDatabaseRows, (await kit.want(DatabaseRows, { ...input, ...base })).primary)
        .map((row) => row.package.filter((cell) => /Packages|http:\/\/example/.test(String(cell))))
    const hrefs = files.map((file) => `Packages/${file[0]}/${file}`)
    expect(await placesOf({})).toEqual(hrefs.map((href) => [href]))
    expect(await placesOf({ base: "http://example.org/" })).toEqual(hrefs.map((href) => [href, "http://example.org/"]))
    expect(kit.ran().filter((node) => node.startsWith("database"))).toEqual([
      "database-rows greet-doc",
      "database-rows greet-doc"
    ])
  })
})
