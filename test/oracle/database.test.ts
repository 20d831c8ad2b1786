import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { gunzipSync } from "node:zlib"
import { Either } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readRepomd } from "../../src/repodata/read-repomd.ts"
import { runHere } from "../cli/run-cli.ts"
import { runTool } from "../kit/clients.ts"
import { createrepoCs } from "../kit/createrepo-c.ts"
import { fixture, fixtureNames } from "../kit/fixtures.ts"
import { describeWithShared, sharedPath } from "../kit/oracle.ts"
import { realPackages } from "../rpm/real-packages.ts"

/**
 * `distgraph createrepo --database` and every createrepo_c on PATH over the same packages: the schema, and table by table the same rows. Not
 * compared are the `pre` of requires and which of equal requirements are listed again, of which createrepo_c before 1.1.1 had a narrower
 * idea (as in the XML), and what createrepo_c alone has or leaves out: requirements of an empty name and versions without a comparison, which the
 * XML cannot hold, and packages with control characters.
 */
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "distgraph-database-test-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

const kinds = ["primary", "filelists", "other"] as const
type Kind = (typeof kinds)[number]

const longAgo = 1_600_000_000
const gz = ["--general-compress-type", "gz"]

/** Two directories with the same packages, one for each. */
const twice = (name: string, files: ReadonlyArray<string>): readonly [ours: string, theirs: string] => {
  const made = ["ours", "theirs"].map((whose) => {
    const directory = join(folder, name, whose)
    mkdirSync(directory, { recursive: true })
    for (const file of files) {
      copyFileSync(file, join(directory, basename(file)))
      utimesSync(join(directory, basename(file)), longAgo, longAgo)
    }
    return directory
  })
  return [made[0] ?? "", made[1] ?? ""]
}

const recordOf = (directory: string, type: string) => {
  const repomd = Either.getOrThrow(readRepomd(readFileSync(join(directory, "repodata/repomd.xml"))))
  const record = repomd.records.find((candidate) => candidate.type === type)
  if (record === undefined) throw new Error(`no ${type} in ${directory}`)
  return record
}

/** What a database holds, package by package: rows have the pkgId where they have the pkgKey. */
const contentOf = (directory: string, kind: Kind) => {
  const { href } = recordOf(directory, `${kind}_db`)
  const path = join(folder, `${basename(href)}.open`)
  writeFileSync(path, gunzipSync(readFileSync(join(directory, href))))
  const database = new DatabaseSync(path, { readOnly: true })
  const rows = (sql: string) => database.prepare(sql).all()
  const schema = rows("SELECT type, name, tbl_name, sql FROM sqlite_master")
  const packages = rows("SELECT pkgKey, pkgId FROM packages ORDER BY pkgKey")
  const ids = new Map(packages.map(({ pkgId, pkgKey }) => [pkgKey, pkgId]))
  const tables = schema.flatMap(({ name, type }) => (type === "table" && name !== "db_info" ? [String(name)] : []))
  const content = new Map(
    tables.map((table) => {
      const kept = rows(`SELECT * FROM ${table}`).map(({ pkgKey, pre: _, ...row }) =>
        JSON.stringify([ids.get(pkgKey ?? null), row])
      )
      return [table, (table === "requires" ? [...new Set(kept)] : kept).toSorted()] as const
    })
  )
  const info = rows("SELECT * FROM db_info")
  database.close()
  return { schema: schema.map((row) => JSON.stringify(row)).toSorted(), order: packages, content, info }
}

const make = async (directory: string, ...args: ReadonlyArray<string>) => {
  const { code, stderr } = await runHere(
    ["createrepo", "--store", join(folder, "store"), "-q", "-d", ...gz, ...args, directory],
    {}
  )
  expect(code, stderr).toBe(0)
}

describe.each(createrepoCs())("the databases, compared with those of createrepo_c $version", ({ path, version }) => {
  const compare = async (name: string, files: ReadonlyArray<string>, args: ReadonlyArray<string> = []) => {
    const [ours, theirs] = twice(`${name} ${version}`, files)
    await make(ours, ...args)
    await runTool(path, ["--quiet", "-d", ...gz, ...args, theirs])
    for (const kind of kinds) {
      const [made, expected] = [contentOf(ours, kind), contentOf(theirs, kind)]
      expect(made.schema).toEqual(expected.schema)
      expect(made.order).toEqual(expected.order)
      for (const [table, rows] of expected.content) expect([table, made.content.get(table)]).toEqual([table, rows])
      expect(made.info).toEqual([{ dbversion: 10, checksum: recordOf(ours, kind).checksum.value }])
      expect(recordOf(ours, `${kind}_db`).databaseVersion).toBe(10)
    }
    return ours
  }

  const fixtures = fixtureNames("unsigned").map((name) => fixture("unsigned", name))

  it("have the same schema and the same rows, for the fixtures", () => compare("fixtures", fixtures))

  it("have them with a base and a prefix too", () =>
    compare("placed", fixtures, ["-u", "http://example.org/a?b&c", "--location-prefix", "pool"]))

  it("have them for no packages", () => compare("none", []))

  it("stay through an update by createrepo_c, which reuses every package beside them", async () => {
    const ours = await compare("updated", fixtures)
    const before = contentOf(ours, "primary")
    const { stderr } = await runTool(path, ["--verbose", "--update", "-d", ...gz, ours])
    expect(stderr.match(/CACHE HIT/g) ?? []).toHaveLength(fixtures.length)
    expect(contentOf(ours, "primary").content.get("packages")).toEqual(before.content.get("packages"))
  })

  describeWithShared("rpms")("of real packages", () => {
    /** One file of each name that both take: no broken ones, and no control characters. */
    const usable = () =>
      new Map(
        realPackages()
          .filter(({ file }) => !file.startsWith("broken/") && !/xtables-addons/.test(file))
          .filter(({ bytes }) => bytes().length < 1_000_000)
          .map(({ file }) => [basename(file), file])
      )

    it("have the same rows", async () => {
      const files = [...usable().values()].map((file) => sharedPath("rpms", file))
      expect(files.length).toBeGreaterThan(200)
      await compare("real", files)
    })
  })
})

describe("a database", () => {
  it("is named by its kind and compression, and is made again by the same bytes", async () => {
    const files = fixtureNames("unsigned").map((name) => fixture("unsigned", name))
    const [one, other] = twice("again", files)
    await make(one)
    const { code } = await runHere(
      ["createrepo", "--store", join(folder, "another-store"), "-q", "-d", ...gz, other],
      {}
    )
    expect(code).toBe(0)
    const databases = (directory: string) =>
      readdirSync(join(directory, "repodata"))
        .filter((name) => name.includes("sqlite"))
        .sort()
    expect(
      databases(one)
        .map((name) => name.slice(65))
        .sort()
    ).toEqual(["filelists.sqlite.gz", "other.sqlite.gz", "primary.sqlite.gz"])
    expect(databases(other)).toEqual(databases(one))
  })
})
