import { join } from "node:path"
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite"
import { FileSystem } from "@effect/platform/FileSystem"
import { Clock, Effect, Either, Schedule, type Scope } from "effect"
import { HubUnavailable } from "./errors.ts"
import { fileFailure } from "./file-failure.ts"
import { SCHEMA, SCHEMA_VERSION } from "./schema.ts"

/** Values of a statement's `:name` parameters. */
type Values = Readonly<Record<string, SQLInputValue>>

/** A question to the database: all in one transaction, so that it sees one moment. */
export interface Reading {
  /** Rows as objects. The type is what the statement selects; nothing checks it but the tests. */
  readonly all: <R>(sql: string, values?: Values) => ReadonlyArray<R>
  /** The same as arrays of columns, about twice as fast for big results. */
  readonly arrays: <R extends ReadonlyArray<unknown>>(sql: string, values?: Values) => ReadonlyArray<R>
  readonly get: <R>(sql: string, values?: Values) => R | undefined
}

/** A change of the database: all of it is committed, or, where it gives a Left or throws, nothing. */
export interface Writing extends Reading {
  /** Gives the id of the inserted row. */
  readonly run: (sql: string, values?: Values) => number
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
}

/** An event later than any: rows visible at it are those that stand now. */
export const NOW = Number.MAX_SAFE_INTEGER

/** SQL: whether a row of this table alias is visible at the event of the parameter `:event`. */
export const visible = (alias: string): string =>
  `(${alias}.create_event <= :event AND (${alias}.revoke_event IS NULL OR ${alias}.revoke_event > :event))`

/** Opens `<topdir>/hub.db`, made when it is not there; closed with the scope. */
export const openDatabase = (
  topdir: string,
  user: string
): Effect.Effect<HubDatabase, HubUnavailable, FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const files = yield* FileSystem
    yield* Effect.mapError(
      files.makeDirectory(topdir, { recursive: true }),
      (error) => new HubUnavailable({ topdir, reason: fileFailure(error) })
    )
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
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    const version = () => Number(database.prepare("PRAGMA user_version").get()?.["user_version"])
    if (version() === 0) {
      transaction(database, "BEGIN IMMEDIATE", () => {
        // another process may have made the tables since
        if (version() === 0) database.exec(`${SCHEMA}; PRAGMA user_version = ${SCHEMA_VERSION}`)
        return Either.right(undefined)
      })
    }
    if (version() > SCHEMA_VERSION) {
      throw new Error(
        `hub.db was written by a newer version of distgraph (its schema is ${version()}, this version knows ${SCHEMA_VERSION}); use that version`
      )
    }
    return database
  } catch (cause) {
    database.close()
    throw cause
  }
}

const transaction = <A, E>(
  database: DatabaseSync,
  begin: "BEGIN" | "BEGIN IMMEDIATE",
  body: () => Either.Either<A, E>
): Either.Either<A, E> => {
  database.exec(begin)
  try {
    const result = body()
    database.exec(Either.isRight(result) ? "COMMIT" : "ROLLBACK")
    return result
  } catch (cause) {
    if (database.isTransaction) database.exec("ROLLBACK")
    throw cause
  }
}

/** Each statement is prepared once for the life of the connection. */
const statements = (database: DatabaseSync): Reading & Pick<Writing, "run"> => {
  const cache = new Map<string, StatementSync>()
  const prepared = (sql: string, arrays = false): StatementSync => {
    const key = `${arrays}${sql}`
    const known = cache.get(key)
    if (known) return known
    const statement = database.prepare(sql)
    statement.setReturnArrays(arrays)
    cache.set(key, statement)
    return statement
  }
  return {
    // the casts: a statement's rows have the columns that its text selects, which its caller states as R
    all: <R>(sql: string, values?: Values) => prepared(sql).all(values ?? {}) as unknown as ReadonlyArray<R>,
    arrays: <R extends ReadonlyArray<unknown>>(sql: string, values?: Values) =>
      prepared(sql, true).all(values ?? {}) as unknown as ReadonlyArray<R>,
    get: <R>(sql: string, values?: Values) => prepared(sql).get(values ?? {}) as unknown as R | undefined,
    run: (sql, values) => Number(prepared(sql).run(values ?? {}).lastInsertRowid)
  }
}
