import { statfsSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect, Either, Schedule, type Scope } from "effect"
import { makeBlobFolders } from "./blob-files.ts"
import { StoreError } from "./store.ts"
import { schema } from "./store-sql.ts"

/** Part of the directory's path, so that another layout starts afresh beside the old one and needs no migration. */
export const layout = "v4"

/** The database of the store at `home`, made where there is none, until the scope closes. */
export const storeDatabase = (directory: string, home: string): Effect.Effect<DatabaseSync, StoreError, Scope.Scope> =>
  Effect.acquireRelease(
    // Turning a new database to WAL needs it alone and, unlike all else, does not wait for others that do the same.
    Effect.retry(
      attempting(directory)(() => openDatabase(home)),
      { while: ({ reason }) => reason.includes("database is locked"), schedule: opening }
    ),
    (open) => Effect.sync(() => open.close())
  )

/** Runs what may throw because the store in this directory cannot be used, at once. */
export const trial =
  (directory: string) =>
  <A>(run: () => A): Either.Either<A, StoreError> =>
    Either.try({ try: run, catch: (cause) => new StoreError({ store: directory, reason: reasonOf(cause) }) })

/** The same as an effect. */
export const attempting = (directory: string) => {
  const trying = trial(directory)
  return <A>(run: () => A): Effect.Effect<A, StoreError> => Effect.suspend(() => trying(run))
}

const SQLITE_CORRUPT = 11
const SQLITE_NOTADB = 26

const reasonOf = (cause: unknown): string => {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const code = cause instanceof Error && "errcode" in cause ? Number(cause.errcode) & 0xff : 0
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB
    ? `its database is damaged (${reason}); delete the directory: all that it holds is computed anew`
    : reason
}

/** Half a minute in all, as long as any other wait for the database. */
const opening = Schedule.intersect(Schedule.jittered(Schedule.spaced("30 millis")), Schedule.recurs(1000))

const networkFileSystems: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xfe534d42, "SMB"],
  [0xff534d42, "CIFS"]
])

const openDatabase = (home: string): DatabaseSync => {
  makeBlobFolders(home)
  const network = networkFileSystems.get(statfsSync(home).type)
  if (network !== undefined) {
    throw new Error(`it lies on ${network}, where SQLite's locks are not reliable; choose a directory of a local disk`)
  }
  const database = new DatabaseSync(join(home, "store.db"), { timeout: 30_000 })
  try {
    database.exec(schema)
    return database
  } catch (cause) {
    database.close()
    throw cause
  }
}
