import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite"
import { Either } from "effect"
import { SCHEMA_VERSION } from "./schema.ts"

/** Values of a statement's `:name` parameters. */
type Values = Readonly<Record<string, SQLInputValue>>

/** A question to the database: all in one transaction, so that it sees one moment. */
export interface Reading {
  /** Rows as objects. The type is what the statement selects; nothing checks it but the tests. */
  readonly all: <R>(sql: string, values?: Values) => ReadonlyArray<R>
  /**
   * The same as arrays of columns, one after the other: for results of which there would be much to hold. Read to the end before the
   * same statement is used again.
   */
  readonly each: <R extends ReadonlyArray<unknown>>(sql: string, values?: Values) => Iterable<R>
  readonly get: <R>(sql: string, values?: Values) => R | undefined
}

/** Statements of a connection, each prepared once for its life; `run` gives the id of the inserted row. */
export const statements = (
  database: DatabaseSync
): Reading & { readonly run: (sql: string, values?: Values) => number } => {
  const cache = { objects: new Map<string, StatementSync>(), arrays: new Map<string, StatementSync>() }
  const prepared = (sql: string, rows: keyof typeof cache = "objects"): StatementSync => {
    const known = cache[rows].get(sql)
    if (known) return known
    const statement = database.prepare(sql)
    statement.setReturnArrays(rows === "arrays")
    cache[rows].set(sql, statement)
    return statement
  }
  return {
    // the casts: a statement's rows have the columns that its text selects, which its caller states as R
    all: <R>(sql: string, values?: Values) => prepared(sql).all(values ?? {}) as unknown as ReadonlyArray<R>,
    each: <R extends ReadonlyArray<unknown>>(sql: string, values?: Values) =>
      prepared(sql, "arrays").iterate(values ?? {}) as unknown as Iterable<R>,
    get: <R>(sql: string, values?: Values) => prepared(sql).get(values ?? {}) as unknown as R | undefined,
    run: (sql, values) => Number(prepared(sql).run(values ?? {}).lastInsertRowid)
  }
}

/** Commits what gives a Right. What gives a Left, or throws, leaves nothing. */
export const transaction = <A, E>(
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

/** 0 in a database that was only just made. Throws where a newer version of this program made it. */
export const schemaVersion = (database: DatabaseSync): number => {
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"])
  if (version > SCHEMA_VERSION) {
    throw new Error(
      `hub.db was written by a newer version of distgraph (its schema is ${version}, this version knows ${SCHEMA_VERSION}); use that version`
    )
  }
  return version
}
