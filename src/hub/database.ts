import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { FileSystem } from "@effect/platform/FileSystem"
import { Clock, Effect, Either, Schedule, type Scope } from "effect"
import { type Reading, schemaVersion, statements, transaction } from "./connection.ts"
import { HubUnavailable } from "./errors.ts"
import { fileFailure } from "./file-failure.ts"
import { readUnwritable } from "./read-unwritable.ts"
import { SCHEMA_STEPS, SCHEMA_VERSION } from "./schema.ts"
import { systemUser } from "./system-user.ts"

export type { Reading } from "./connection.ts"

/** A change of the database: all of it is committed, or, where it gives a Left or throws, nothing. */
export interface Writing extends Reading, Pick<ReturnType<typeof statements>, "run"> {
  /** Allocates an event. */
  readonly newEvent: () => number
  /** Unix time in milliseconds. */
  readonly now: number
  /** Who makes the change. */
  readonly user: string
}

export interface HubDatabase {
  readonly topdir: string
  readonly read: <A, E>(question: (tx: Reading) => Either.Either<A, E>) => Effect.Effect<A, E | HubUnavailable>
  readonly write: <A, E>(change: (tx: Writing) => Either.Either<A, E>) => Effect.Effect<A, E | HubUnavailable>
  /** A change of files in the topdir, by calls that throw. */
  readonly files: <A>(change: () => A) => Effect.Effect<A, HubUnavailable>
  /** Fails where `write` would, because this user may not write. */
  readonly writable: Effect.Effect<void, HubUnavailable>
}

/** An event later than any: rows visible at it are those that stand now. */
export const NOW = Number.MAX_SAFE_INTEGER

/** SQL: whether a row of this table alias is visible at the event of the parameter `:event`. */
export const visible = (alias: string): string =>
  `(${alias}.create_event <= :event AND (${alias}.revoke_event IS NULL OR ${alias}.revoke_event > :event))`

/**
 * Opens `<topdir>/hub.db`, made when it is not there; closed with the scope. A user who may not write there, or finds a
 * file system that is mounted so, can read all the same.
 */
export const openDatabase = (
  topdir: string,
  user: string
): Effect.Effect<HubDatabase, HubUnavailable, FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const files = yield* FileSystem
    const refused = yield* writeRefusal(topdir)
    if (refused !== null && !(yield* Effect.orElseSucceed(files.exists(join(topdir, "hub.db")), () => false))) {
      return yield* refused
    }
    return refused === null
      ? yield* writableDatabase(topdir, user)
      : { topdir, read: readUnwritable(topdir), write: () => refused, files: () => refused, writable: refused }
  })

/** Why this user may not write in a topdir, which is made if need be; null who may. */
const writeRefusal = (topdir: string): Effect.Effect<HubUnavailable | null, HubUnavailable, FileSystem> =>
  Effect.gen(function* () {
    const files = yield* FileSystem
    yield* Effect.mapError(
      files.makeDirectory(topdir, { recursive: true }),
      (error) => new HubUnavailable({ topdir, reason: fileFailure(error) })
    )
    for (const path of [topdir, join(topdir, "hub.db")]) {
      const access = yield* Effect.either(files.access(path, { writable: true }))
      if (Either.isRight(access) || (access.left._tag === "SystemError" && access.left.reason === "NotFound")) continue
      return new HubUnavailable({ topdir, reason: `${path} is not writable by ${systemUser()}`, changing: true })
    }
    return null
  })

const writableDatabase = (topdir: string, user: string): Effect.Effect<HubDatabase, HubUnavailable, Scope.Scope> =>
  Effect.gen(function* () {
    const unavailable = (cause: unknown) =>
      new HubUnavailable({ topdir, reason: cause instanceof Error ? cause.message : String(cause) })
    const database = yield* Effect.acquireRelease(
      Effect.try({ try: () => open(topdir), catch: unavailable }).pipe(
        // changing a new database to WAL is refused at once, whatever the time-out, while another process does the same
        Effect.retry({
          schedule: Schedule.spaced("50 millis").pipe(Schedule.upTo("30 seconds")),
          while: (e) => e.reason.includes("locked")
        })
      ),
      (opened) => Effect.sync(() => opened.close())
    )
    const queries = statements(database)
    return {
      topdir,
      writable: Effect.void,
      files: (change) => Effect.try({ try: change, catch: unavailable }),
      read: (question) =>
        Effect.flatten(
          Effect.try({ try: () => transaction(database, "BEGIN", () => question(queries)), catch: unavailable })
        ),
      write: (change) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) =>
          Effect.flatten(
            Effect.try({
              try: () =>
                transaction(database, "BEGIN IMMEDIATE", () =>
                  change({
                    ...queries,
                    now,
                    user,
                    newEvent: () => queries.run("INSERT INTO event (time) VALUES (:now)", { now })
                  })
                ),
              catch: unavailable
            })
          )
        )
    }
  })

const open = (topdir: string): DatabaseSync => {
  const database = new DatabaseSync(join(topdir, "hub.db"), { timeout: 30_000, enableForeignKeyConstraints: true })
  try {
    if (database.prepare("PRAGMA journal_mode").get()?.["journal_mode"] !== "wal") {
      database.exec("PRAGMA journal_mode = WAL")
    }
    database.exec("PRAGMA synchronous = FULL")
    if (schemaVersion(database) < SCHEMA_VERSION) transaction(database, "BEGIN IMMEDIATE", () => upgrade(database))
    return database
  } catch (cause) {
    database.close()
    throw cause
  }
}

/** Makes the tables of a new database, and what a database of an older version lacks. */
const upgrade = (database: DatabaseSync): Either.Either<void> => {
  // another process may have done it since
  for (const step of SCHEMA_STEPS.slice(schemaVersion(database))) database.exec(step)
  database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`)
  return Either.void
}
