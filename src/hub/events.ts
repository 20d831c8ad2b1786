import { Either } from "effect"
import type { Reading } from "./database.ts"
import { NoSuchEvent } from "./errors.ts"
import type { HubEvent } from "./model.ts"

export const readEvent = (tx: Reading, id: number): Either.Either<HubEvent, NoSuchEvent> =>
  Either.fromNullable(
    tx.get<HubEvent>("SELECT id, time FROM event WHERE id = :id", { id }),
    () => new NoSuchEvent({ event: id })
  )

/** Undefined while nothing has ever changed. */
export const lastEvent = (tx: Reading): HubEvent | undefined =>
  tx.get<HubEvent>("SELECT id, time FROM event ORDER BY id DESC LIMIT 1")
