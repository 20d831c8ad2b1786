import type { Reading } from "./database.ts"
import { lastEvent } from "./events.ts"

/** A moment in the history of one hub. */
export interface Moment {
  /** The hub's identity, which a database that is made anew does not share. */
  readonly hub: string
  readonly event: number
  /** The event's, in milliseconds: after a backup was put back, other things may have happened at events of the same numbers. */
  readonly time: number
}

/** Null where no moment can be told: before the first event, and in a database that lacks the identity as nobody could upgrade it. */
export const momentNow = (tx: Reading): Moment | null => {
  const hub = identity(tx)
  const last = lastEvent(tx)
  return hub === undefined || last === undefined ? null : { hub, event: last.id, time: last.time }
}

/** Whether a moment belongs to this hub's history. */
export const isInHistory = (tx: Reading, moment: Moment): boolean =>
  identity(tx) === moment.hub &&
  tx.get("SELECT 1 FROM event WHERE id = :event AND time = :time", { event: moment.event, time: moment.time }) !==
    undefined

const identity = (tx: Reading): string | undefined =>
  tx.get("SELECT 1 FROM sqlite_schema WHERE name = 'identity'") === undefined
    ? undefined
    : tx.get<{ readonly id: string }>("SELECT id FROM identity")?.id
