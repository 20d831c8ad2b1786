import { existsSync, statSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { pathToFileURL } from "node:url"
import { Effect, type Either, Option, Schedule } from "effect"
import { type Reading, schemaVersion, statements, transaction } from "./connection.ts"
import { HubUnavailable } from "./errors.ts"
import { systemUser } from "./system-user.ts"

/**
 * Reads the hub of a topdir in which this user may not write. While a process has the database open for writing, its log
 * (`hub.db-wal`) and the log's index are there, and SQLite reads along with it. Otherwise SQLite would have to make them, and
 * can only be told that the file is immutable: then it takes no lock, and would not notice a writer. So each question
 * opens the file anew, and its answer counts only if the file is the same afterwards; else the question is asked again. A writer
 * that only began a log meanwhile does no harm: what it writes comes into the file with the log's end.
 */
export const readUnwritable =
  (topdir: string) =>
  <A, E>(question: (tx: Reading) => Either.Either<A, E>): Effect.Effect<A, E | HubUnavailable> => {
    const file = join(topdir, "hub.db")
    return Effect.try({
      try: () => readOnce(file, question),
      catch: (cause) => new HubUnavailable({ topdir, reason: reasonOf(cause, file) })
    }).pipe(
      Effect.filterOrFail(Option.isSome, (): typeof CHANGED => CHANGED),
      Effect.retry({
        while: (failed) => failed === CHANGED,
        schedule: Schedule.spaced("50 millis").pipe(Schedule.upTo("30 seconds"))
      }),
      Effect.mapError((failed) =>
        failed === CHANGED
          ? new HubUnavailable({ topdir, reason: `${file} is being changed all the time; try again later` })
          : failed
      ),
      Effect.flatMap(({ value }) => value)
    )
  }

const CHANGED = "changed"

/** None where the file changed, or changed so short a time ago that another change might leave the same time on it. */
const readOnce = <A, E>(
  file: string,
  question: (tx: Reading) => Either.Either<A, E>
): Option.Option<Either.Either<A, E>> => {
  const before = stateOf(file)
  if (!before.hasLog && Date.now() - before.changed < CLOCK_TICK) return Option.none()
  const location = pathToFileURL(file)
  if (!before.hasLog) location.searchParams.set("immutable", "1")
  const isSame = () => JSON.stringify(before) === JSON.stringify(stateOf(file))
  const database = new DatabaseSync(location, { readOnly: true, timeout: 30_000 })
  try {
    if (schemaVersion(database) === 0) throw new Error("hub.db has no tables yet")
    const answer = transaction(database, "BEGIN", () => question(statements(database)))
    return before.hasLog || isSame() ? Option.some(answer) : Option.none()
  } catch (cause) {
    if (isSame()) throw cause
    return Option.none()
  } finally {
    database.close()
  }
}

/** In milliseconds; local file systems keep times to about 10. */
const CLOCK_TICK = 100

const stateOf = (file: string) => {
  const { ino, mtimeMs, size } = statSync(file)
  return { ino, size, changed: mtimeMs, hasLog: existsSync(`${file}-wal`) }
}

const reasonOf = (cause: unknown, file: string): string => {
  const reason = cause instanceof Error ? cause.message : String(cause)
  if (/^no such (table|column)/.test(reason)) {
    return `hub.db is of an older version, which ${systemUser()} may not change; any command of a user who may brings it up to date`
  }
  if (!/unable to open database file|readonly database/.test(reason)) return reason
  return existsSync(`${file}-wal`)
    ? `a process that was killed left ${file}-wal, which ${systemUser()} may not read or not write; any command of a user who may sets it right`
    : `${file} is not readable by ${systemUser()}`
}
