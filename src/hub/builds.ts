import { Either } from "effect"
import { nvr, parseNvr } from "../rpm/nevra.ts"
import type { Reading } from "./database.ts"
import { NoSuchBuild } from "./errors.ts"
import type { BuildInfo } from "./model.ts"

/** A row of the columns that `BUILD_COLUMNS` selects. */
export interface BuildColumns {
  readonly id: number
  readonly package_id: number
  readonly name: string
  readonly version: string
  readonly release: string
  readonly epoch: number | null
  readonly owner: string
  readonly creation_event: number
  readonly creation_time: number
}

export const BUILD_COLUMNS = `build.id, build.package_id, package.name, build.version, build.release, build.epoch, build.owner,
  build.create_event AS creation_event, made.time AS creation_time`

/** To stand after a FROM that has `build`. */
export const BUILD_JOINS =
  "JOIN package ON package.id = build.package_id JOIN event made ON made.id = build.create_event"

export const buildOf = (row: BuildColumns): BuildInfo => ({
  id: row.id,
  packageId: row.package_id,
  name: row.name,
  version: row.version,
  release: row.release,
  epoch: row.epoch,
  nvr: nvr(row),
  owner: row.owner,
  creationEvent: row.creation_event,
  creationTime: row.creation_time
})

/** The builds of these N-V-Rs, in their order; all that do not exist are named in one error. */
export const readBuilds = (
  tx: Reading,
  nvrs: ReadonlyArray<string>
): Either.Either<ReadonlyArray<BuildInfo>, NoSuchBuild> => {
  const builds: Array<BuildInfo> = []
  const missing: Array<string> = []
  for (const text of nvrs) {
    const row = Either.match(parseNvr(text), {
      onLeft: () => undefined,
      onRight: ({ name, version, release }) =>
        tx.get<BuildColumns>(
          `SELECT ${BUILD_COLUMNS} FROM build ${BUILD_JOINS}
           WHERE package.name = :name AND build.version = :version AND build.release = :release`,
          { name, version, release }
        )
    })
    if (row) builds.push(buildOf(row))
    else missing.push(text)
  }
  return missing.length > 0 ? Either.left(new NoSuchBuild({ builds: missing })) : Either.right(builds)
}
