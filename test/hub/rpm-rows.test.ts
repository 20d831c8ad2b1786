import { DatabaseSync } from "node:sqlite"
import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { inPublishedOrder } from "../../rules/rpm-row.ts"
import { statements } from "../../src/hub/connection.ts"
import type { HubRpm } from "../../src/hub/model.ts"
import { gatherRpms, readRpms } from "../../src/hub/rpm-rows.ts"
import { SCHEMA_STEPS } from "../../src/hub/schema.ts"
import { fileName } from "../../src/rpm/nevra.ts"
import { allRpms } from "../kit/all-rpms.ts"

type Name = Pick<HubRpm, "name" | "version" | "release" | "arch">

const build = { name: "b", version: "1", release: "1", epoch: null }
const builds = new Map([[7, build]])

/** A database with rpms of build 7, their ids from 1 on. */
const databaseOf = (names: ReadonlyArray<Name>): DatabaseSync => {
  const database = new DatabaseSync(":memory:", { enableForeignKeyConstraints: false })
  for (const step of SCHEMA_STEPS) database.exec(step)
  const insert = database.prepare(
    `INSERT INTO rpm (build_id, name, version, release, epoch, arch, payloadhash, size, sha256, buildtime, create_event)
     VALUES (7, ?, ?, ?, NULL, ?, 'md5', 1, 'sum', 2, 3)`
  )
  for (const { arch, name, release, version } of names) insert.run(name, version, release, arch)
  return database
}

describe("the rpms that are gathered", () => {
  it("come in the published order, whatever their names are", () => {
    const part = (letters: string) => fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 3 })
    // signs before and after the dash, letters beyond the basic plane, names that begin with others
    const names = fc.uniqueArray(
      fc.record({
        name: part("ab-+.\u00e9\uffee\u{1f600}"),
        version: part("1a~+."),
        release: part("1b^."),
        arch: fc.constantFrom("noarch", "x86_64", "i686")
      }),
      { selector: (rpm) => fileName(rpm), maxLength: 30 }
    )
    fc.assert(
      fc.property(names, (rows) => {
        const database = databaseOf(rows)
        const { rpms } = gatherRpms(statements(database), builds, allRpms)
        database.close()
        expect(rpms.map((rpm) => fileName(rpm))).toEqual(inPublishedOrder(rpms).map((rpm) => fileName(rpm)))
        expect(rpms.map(({ name }) => name).sort()).toEqual(rows.map(({ name }) => name).sort())
      })
    )
  })

  it("have their signatures by key, with the copies that were written; the newest event of all counts", () => {
    const rows = ["one", "two"].map((name) => ({ name, version: "1", release: "1", arch: "noarch" }))
    const database = databaseOf(rows)
    database.exec(`
      INSERT INTO rpm_signature (rpm_id, sigkey, sighash, create_event) VALUES (1, 'bb', 'x', 4), (1, 'aa', 'x', 5), (2, '', 'x', 6);
      INSERT INTO rpm_copy (rpm_id, sigkey, sha256, size, create_event) VALUES (1, 'bb', 'copy', 9, 8)`)
    const gathered = gatherRpms(statements(database), builds, allRpms)
    expect(gathered.newestEvent).toBe(8)
    expect(gathered.rpms.map(({ name, primary, signatures }) => ({ name, primary, signatures }))).toEqual([
      {
        name: "one",
        primary: { sha256: "sum", size: 1 },
        signatures: [
          { sigkey: "aa", copy: null },
          { sigkey: "bb", copy: { sha256: "copy", size: 9 } }
        ]
      },
      { name: "two", primary: { sha256: "sum", size: 1 }, signatures: [{ sigkey: "", copy: null }] }
    ])
    expect(readRpms(statements(database), builds)).toEqual(gathered)
    expect(readRpms(statements(database), builds, ["x86_64"])).toEqual({ rpms: [], newestEvent: 0 })
    database.close()
  })
})
