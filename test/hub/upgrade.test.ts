import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { tagContent } from "../../src/hub/content.ts"
import { Hub } from "../../src/hub/hub.ts"
import { readUnwritable } from "../../src/hub/read-unwritable.ts"
import { SCHEMA_STEPS, SCHEMA_VERSION } from "../../src/hub/schema.ts"
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

/** Makes a database of the first version with the rows of the filled one, which has all of its tables and more. */
const makeOld = (): void =>
  withDatabase(topdir, (database) => {
    database.exec(`PRAGMA journal_mode = WAL; ${SCHEMA_STEPS[0]}; PRAGMA user_version = 1`)
    const tables = database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'sqlite_sequence'")
      .all()
    database.prepare("ATTACH ? AS filled").run(join(filled, "hub.db"))
    for (const { name } of tables) database.exec(`INSERT INTO main.${name} SELECT * FROM filled.${name}`)
  })

const schemaOf = (at: string) =>
  withDatabase(at, (database) => ({
    version: Number(database.prepare("PRAGMA user_version").get()?.["user_version"]),
    schema: database.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name").all()
  }))

const identityOf = (at: string) => withDatabase(at, (database) => database.prepare("SELECT id FROM identity").all())

const contentIn = (at: string) => inHub(at, (hub) => hub.tagContent("demo", now))

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
    const { moment, ...content } = await Effect.runPromise(readUnwritable(topdir)((tx) => tagContent(tx, "demo", now)))
    const { moment: _, ...expected } = await contentIn(filled)
    expect(content).toEqual(expected)
    expect(moment).toBeNull()
    expect(schemaOf(topdir).version).toBe(1)
  })
})
