import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Duration, Effect, Option } from "effect"
import { HubUnavailable, PublishLockHeld } from "./errors.ts"

/**
 * Runs an effect while nobody else publishes into a topdir. The lock is an open write transaction on a database file of
 * its own, `<topdir>/publish.lock`, in which nothing is ever written: the operating system ends it with the process,
 * however that ends. A row with a process id would have to be judged alive or dead from other hosts and after reuse of
 * ids, and a transaction on the hub's own database would keep out every other writer for as long as a publication takes.
 */
export const withPublishLock =
  (topdir: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | HubUnavailable | PublishLockHeld, R> =>
    Effect.scoped(
      Effect.acquireRelease(acquire(topdir), (database) => Effect.sync(() => database.close())).pipe(
        Effect.zipRight(effect)
      )
    )

/** The same if nobody else publishes just now; otherwise nothing is run, and nothing comes of it. */
export const withFreePublishLock =
  (topdir: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<Option.Option<A>, E | HubUnavailable, R> =>
    Effect.scoped(
      Effect.flatMap(
        Effect.acquireRelease(
          acquire(topdir, 1).pipe(
            Effect.asSome,
            Effect.catchTag("PublishLockHeld", () => Effect.succeedNone)
          ),
          (database) => Effect.sync(() => Option.map(database, (open) => open.close()))
        ),
        (database) => (Option.isSome(database) ? Effect.asSome(effect) : Effect.succeedNone)
      )
    )

const INTERVAL = Duration.millis(50)
const ATTEMPTS = 12_000

/**
 * Tries anew every 50 ms for ten minutes. SQLite's own waiting would block the thread, on which the holder may be
 * another fiber. Only the pauses can be interrupted, so that a lock once taken is always given back.
 */
const acquire = (topdir: string, attempts = ATTEMPTS): Effect.Effect<DatabaseSync, HubUnavailable | PublishLockHeld> =>
  Effect.try({ try: () => lock(topdir), catch: (cause) => cause }).pipe(
    Effect.catchAll((cause): Effect.Effect<DatabaseSync, HubUnavailable | PublishLockHeld> => {
      if (!isBusy(cause)) {
        return new HubUnavailable({ topdir, reason: cause instanceof Error ? cause.message : String(cause) })
      }
      if (attempts <= 1) {
        return new PublishLockHeld({ topdir, waitedSeconds: (ATTEMPTS * Duration.toMillis(INTERVAL)) / 1000 })
      }
      return Effect.zipRight(
        Effect.interruptible(Effect.sleep(INTERVAL)),
        Effect.suspend(() => acquire(topdir, attempts - 1))
      )
    })
  )

const lock = (topdir: string): DatabaseSync => {
  const database = new DatabaseSync(join(topdir, "publish.lock"), { timeout: 0 })
  try {
    database.exec("BEGIN IMMEDIATE")
    return database
  } catch (cause) {
    database.close()
    throw cause
  }
}

const SQLITE_BUSY = 5

const isBusy = (cause: unknown): boolean =>
  cause instanceof Error && "errcode" in cause && (Number(cause.errcode) & 0xff) === SQLITE_BUSY
