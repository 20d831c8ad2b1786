import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Clock, Effect, type Scope } from "effect"
import { StoreError } from "./store.ts"
import { attempting } from "./store-database.ts"

/**
 * Who has a store open holds its lock together with all others that have; garbage collection needs it alone while it removes. So nothing
 * that a run has taken or found there goes while the run goes on. The locks are SQLite's own on an empty file: the system
 * gives them back when a process ends, however it ends.
 */
export const inUse = (directory: string, home: string): Effect.Effect<void, StoreError, Scope.Scope> =>
  Effect.gen(function* () {
    const took = () => lock(home, "use.lock", "BEGIN; SELECT count(*) FROM sqlite_schema", 0)
    const attempt = attempting(directory)(took)
    const began = yield* Clock.currentTimeMillis
    let told = false
    yield* held(
      Effect.gen(function* () {
        for (;;) {
          const open = yield* attempt
          if (open !== undefined) return open
          const waited = (yield* Clock.currentTimeMillis) - began
          if (waited > longestWait) {
            return yield* new StoreError({
              store: directory,
              reason: "its garbage collection has not ended for an hour"
            })
          }
          if (waited > patience && !told) {
            told = true
            yield* Effect.logInfo("waiting for the store's garbage collection")
          }
          yield* Effect.sleep("50 millis")
        }
      })
    )
  })

/**
 * Whether nobody has the store open, which then nobody can open until the scope closes. Tries once; `closeDoor`: waits a second for
 * those that have it open, and lets nobody else in meanwhile. In that second nothing else happens in this process.
 */
export const alone = (
  directory: string,
  home: string,
  closeDoor: boolean
): Effect.Effect<boolean, StoreError, Scope.Scope> =>
  Effect.map(
    held(attempting(directory)(() => lock(home, "use.lock", "BEGIN EXCLUSIVE", closeDoor ? 1000 : 0))),
    (open) => open !== undefined
  )

/** Whether no other process collects garbage here, which then none can until the scope closes. */
export const onlyCollector = (directory: string, home: string): Effect.Effect<boolean, StoreError, Scope.Scope> =>
  Effect.map(
    held(attempting(directory)(() => lock(home, "gc.lock", "BEGIN EXCLUSIVE", 0))),
    (open) => open !== undefined
  )

const held = <A extends DatabaseSync | undefined>(
  take: Effect.Effect<A, StoreError>
): Effect.Effect<A, StoreError, Scope.Scope> =>
  Effect.acquireRelease(Effect.interruptible(take), (open) => Effect.sync(() => open?.close()))

/** Milliseconds. */
const patience = 1000
const longestWait = 3600_000

const SQLITE_BUSY = 5

/** Undefined where another has the lock. Nothing is ever written to the file. */
const lock = (home: string, name: string, sql: string, timeout: number): DatabaseSync | undefined => {
  mkdirSync(home, { recursive: true })
  const file = new DatabaseSync(join(home, name), { timeout })
  try {
    file.exec(sql)
    return file
  } catch (cause) {
    file.close()
    if (cause instanceof Error && "errcode" in cause && (Number(cause.errcode) & 0xff) === SQLITE_BUSY) return undefined
    throw cause
  }
}
