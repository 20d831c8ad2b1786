import { Either } from "effect"
import type { Reading, Writing } from "./database.ts"
import { HubRefused } from "./errors.ts"
import type { Volume } from "./model.ts"

/** All volumes, by id: DEFAULT, which is the topdir itself, is 0. */
export const readVolumes = (tx: Reading): ReadonlyArray<Volume> =>
  tx.all<Volume>("SELECT id, name FROM volume ORDER BY id")

/** Koji's `add-volume`, of a folder that is there. */
export const addVolume = (tx: Writing, name: string): Either.Either<Volume, HubRefused> => {
  if (tx.get("SELECT 1 FROM volume WHERE name = :name", { name })) {
    return Either.left(new HubRefused({ reason: `Volume ${name} already exists` }))
  }
  return Either.right({ id: tx.run("INSERT INTO volume (name) VALUES (:name)", { name }), name })
}

/** A volume by its name. The words are Koji's. */
export const readVolume = (tx: Reading, name: string): Either.Either<Volume, HubRefused> =>
  Either.fromNullable(
    tx.get<Volume>("SELECT id, name FROM volume WHERE name = :name", { name }),
    () => new HubRefused({ reason: `No such entry in table volume: ${name}` })
  )

/** The id of a volume, null for DEFAULT. */
export const volumeId = (tx: Reading, name: string | null): Either.Either<number | null, HubRefused> =>
  name === null || name === "DEFAULT" ? Either.right(null) : Either.map(readVolume(tx, name), ({ id }) => id)
