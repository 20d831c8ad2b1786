import { createHash } from "node:crypto"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"

export interface RowBuild {
  /** The package. */
  readonly name: string
  readonly version: string
  readonly release: string
  readonly rpms: ReadonlyArray<{ readonly name: string; readonly arch: string }>
}

/**
 * Adds builds to a hub's database as an import of unsigned packages would, each at an event of its own, but without files: for tests
 * that read what tags hold and no package, and want names that no fixture has. Version and release of an rpm are its build's.
 */
export const addBuildRows = (topdir: string, builds: ReadonlyArray<RowBuild>): void => {
  const database = new DatabaseSync(join(topdir, "hub.db"))
  const insert = (sql: string, ...values: ReadonlyArray<string | number>): number =>
    Number(database.prepare(sql).run(...values).lastInsertRowid)
  try {
    database.exec("BEGIN")
    for (const { name, release, rpms, version } of builds) {
      const event = insert("INSERT INTO event (time) VALUES (?)", Date.now())
      database.prepare("INSERT OR IGNORE INTO package (name) VALUES (?)").run(name)
      const build = insert(
        `INSERT INTO build (package_id, version, release, owner, create_event)
         VALUES ((SELECT id FROM package WHERE name = ?), ?, ?, 'tester', ?)`,
        ...[name, version, release, event]
      )
      for (const rpm of rpms) {
        const sha256 = createHash("sha256").update(`${rpm.name}-${version}-${release}.${rpm.arch}`).digest("hex")
        const id = insert(
          `INSERT INTO rpm (build_id, name, version, release, arch, payloadhash, size, sha256, buildtime, create_event)
           VALUES (?, ?, ?, ?, ?, ?, 4096, ?, 1700000000, ?)`,
          ...[build, rpm.name, version, release, rpm.arch, sha256.slice(0, 32), sha256, event]
        )
        insert("INSERT INTO rpm_signature VALUES (?, '', ?, ?)", id, sha256.slice(32), event)
      }
    }
    database.exec("COMMIT")
  } finally {
    database.close()
  }
}
