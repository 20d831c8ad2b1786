import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { tagContent } from "../../src/hub/content.ts"
import { Hub } from "../../src/hub/hub.ts"
import { readUnwritable } from "../../src/hub/read-unwritable.ts"
import { queryRepos } from "../../src/hub/repos.ts"
import { SCHEMA_STEPS, SCHEMA_VERSION } from "../../src/hub/schema.ts"
import { allRpms } from "../kit/all-rpms.ts"
import { fixture, fixtureNames } from "../kit/fixtures.ts"

const now = { event: null, inherit: true, latest: true }

let folder = ""
let filled = ""
let topdir = ""
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "distgraph-upgrade-"))
  filled = join(folder, "filled")
  await inHub(filled, (hub) =>
    Effect.gen(function* () {
      const hello = (name: string) => name.startsWith("hello-1.0-1.")
      yield* hub.importRpms(
        fixtureNames("unsigned")
          .filter(hello)
          .map((name) => fixture("unsigned", name))
      )
      yield* hub.importSignatures(
        fixtureNames("key-a")
          .filter(hello)
          .map((name) => fixture("key-a", name))
      )
      yield* hub.addTag("demo", { arches: "x86_64" })
      yield* hub.addPackages("demo", ["hello"])
      yield* hub.tagBuild("demo", ["hello-1.0-1"])
      const createEvent = (yield* hub.lastEvent)?.id ?? 0
      const repo = { tag: "demo", createEvent, content: "c", options: "o", fingerprint: "f", root: "r" }
      yield* hub.setRepoState(yield* hub.repoInit(repo), "READY")
    })
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeEach(() => {
  topdir = mkdtempSync(join(folder, "topdir-"))
})
afterEach(() => rmSync(topdir, { recursive: true, force: true }))

const inHub = <A, E>(at: string, effect: (hub: Hub["Type"]) => Effect.Effect<A, E>): Promise<A> =>
  Effect.runPromise(Effect.flatMap(Hub, effect).pipe(Effect.provide(Hub.layer(at))))

const withDatabase = <A>(at: string, use: (database: DatabaseSync) => A): A => {
  mkdirSync(at, { recursive: true })
  const database = new DatabaseSync(join(at, "hub.db"))
  try {
    return use(database)
  } finally {
    database.close()
  }
}

/** Makes a database of an older version with the rows of the filled one, which has all of its tables and columns and more. */
const makeOld = (version = 1): void =>
  withDatabase(topdir, (database) => {
    const steps = SCHEMA_STEPS.slice(0, version).join(";")
    database.exec(`PRAGMA journal_mode = WAL; ${steps}; PRAGMA user_version = ${version}`)
    const tables = database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('sqlite_sequence', 'identity')")
      .all()
    database.prepare("ATTACH ? AS filled").run(join(filled, "hub.db"))
    for (const { name } of tables) {
      const columns = database.prepare(`SELECT name FROM pragma_table_info('${name}')`).all()
      const list = columns.map((column) => column["name"]).join(", ")
      database.exec(`INSERT INTO main.${name} (${list}) SELECT ${list} FROM filled.${name}`)
    }
  })

const schemaOf = (at: string) =>
  withDatabase(at, (database) => ({
    version: Number(database.prepare("PRAGMA user_version").get()?.["user_version"]),
    schema: database.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name").all()
  }))

const identityOf = (at: string) => withDatabase(at, (database) => database.prepare("SELECT id FROM identity").all())

const contentIn = (at: string) => inHub(at, (hub) => hub.tagContent("demo", now, allRpms))

describe("a hub of the first version", () => {
  it("becomes one of this version when it is opened, with all that it has", async () => {
    makeOld()
    const { moment, ...content } = await contentIn(topdir)
    const { moment: ofFilled, ...expected } = await contentIn(filled)
    expect(content).toEqual(expected)
    expect(content.rpms).toHaveLength(3)
    expect(moment).toEqual({ ...ofFilled, hub: expect.stringMatching(/^[0-9a-f]{32}$/) })
    expect(schemaOf(topdir)).toEqual(schemaOf(filled))
    expect(schemaOf(topdir).version).toBe(SCHEMA_VERSION)
  })

  it.each([1, 2])(
    "of version %i keeps its repos, which are dist repos on the first volume, and their ids go on",
    async (version) => {
      makeOld(version)
      const found = await inHub(topdir, (hub) => Effect.all([hub.repos("demo"), hub.latestRepo("demo"), hub.volumes]))
      const expected = await inHub(filled, (hub) => hub.repos("demo"))
      expect(found).toMatchObject([expected, { id: 1, state: "READY" }, [{ id: 0, name: "DEFAULT" }]])
      expect(expected).toMatchObject([{ id: 1, kind: "dist", volume: null, state: "READY", pinned: false, opts: null }])
      const next = { tag: "demo", createEvent: 1, content: "", options: "", fingerprint: "", root: "" }
      expect(await inHub(topdir, (hub) => hub.repoInit({ ...next, kind: "internal" }))).toBe(2)
      expect(schemaOf(topdir)).toEqual(schemaOf(filled))
    }
  )

  it("gets an identity of its own, which stays", async () => {
    makeOld()
    await contentIn(topdir)
    const [identity, ...others] = identityOf(topdir)
    expect([identity, others]).toEqual([{ id: expect.stringMatching(/^[0-9a-f]{32}$/) }, []])
    await contentIn(topdir)
    expect(identityOf(topdir)).toEqual([identity])
    expect(identityOf(filled)).not.toEqual([identity])
  })

  it("stays as it is where a step fails, and says so", async () => {
    makeOld()
    withDatabase(topdir, (database) => database.exec("CREATE TABLE rpm_sha256 (in_the_way)"))
    const before = schemaOf(topdir)
    await expect(contentIn(topdir)).rejects.toThrow(/cannot be used: there is already a table named rpm_sha256/)
    expect(schemaOf(topdir)).toEqual(before)
  })

  it("is read as it is by a user who may not write it, but cannot be told from another", async () => {
    makeOld()
    // closing it has moved the log into the file, which must lie still for a moment
    await new Promise((resolve) => setTimeout(resolve, 150))
    const { moment, ...content } = await Effect.runPromise(
      readUnwritable(topdir)((tx) => tagContent(tx, "demo", now, allRpms))
    )
    const { moment: _, ...expected } = await contentIn(filled)
    expect(content).toEqual(expected)
    expect(moment).toBeNull()
    expect(schemaOf(topdir).version).toBe(1)
  })

  it("cannot tell such a user what it has no place for, and says why", async () => {
    makeOld(2)
    await new Promise((resolve) => setTimeout(resolve, 150))
    const asked = readUnwritable(topdir)((tx) => queryRepos(tx, { tag: "demo" }))
    expect((await Effect.runPromise(Effect.flip(asked))).message).toMatch(
      /hub\.db is of an older version, which .* may not change; any command of a user who may brings it up to date/
    )
  })
})
