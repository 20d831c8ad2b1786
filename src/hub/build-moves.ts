import type { BuildPlace } from "../koji/topdir.ts"
import type { Reading, Writing } from "./database.ts"

/** A build on its way from one volume (null: DEFAULT) to another. */
export interface BuildMove {
  readonly buildId: number
  readonly build: Omit<BuildPlace, "volume">
  readonly from: string | null
  readonly to: string | null
  /** Whether all of it has arrived, so that it can only go on from there. */
  readonly copied: boolean
}

/** The moves that are under way, or were cut short. */
export const readBuildMoves = (tx: Reading): ReadonlyArray<BuildMove> =>
  tx
    .all<MoveColumns>(
      `SELECT move.build_id, move.copied, source.name AS source, target.name AS target, package.name, build.version,
         build.release
       FROM build_move move JOIN build ON build.id = move.build_id JOIN package ON package.id = build.package_id
       LEFT JOIN volume source ON source.id = move.from_id LEFT JOIN volume target ON target.id = move.to_id
       ORDER BY move.build_id`
    )
    .map(({ build_id, copied, name, release, source, target, version }) => ({
      buildId: build_id,
      build: { name, version, release },
      from: source,
      to: target,
      copied: copied !== 0
    }))

interface MoveColumns {
  readonly build_id: number
  readonly copied: number
  readonly source: string | null
  readonly target: string | null
  readonly name: string
  readonly version: string
  readonly release: string
}

export const beginBuildMove = (tx: Writing, { buildId, from, to }: BuildMove): void => {
  tx.run(
    `INSERT INTO build_move (build_id, from_id, to_id, copied)
     VALUES (:build, ${volumeNamed("from")}, ${volumeNamed("to")}, 0)`,
    { build: buildId, from, to }
  )
}

export const markCopied = (tx: Writing, { buildId }: BuildMove): void => {
  tx.run("UPDATE build_move SET copied = 1 WHERE build_id = :build", { build: buildId })
}

/** Records where the build is now. No event: its content and its place among the packages stay what they were. */
export const recordBuildVolume = (tx: Writing, { buildId, to }: BuildMove): void => {
  tx.run(`UPDATE build SET volume_id = ${volumeNamed("to")} WHERE id = :build`, { build: buildId, to })
}

export const endBuildMove = (tx: Writing, { buildId }: BuildMove): void => {
  tx.run("DELETE FROM build_move WHERE build_id = :build", { build: buildId })
}

/** The volume (null: DEFAULT) of each of some builds, in their order. */
export const volumesOf = (tx: Reading, builds: ReadonlyArray<{ readonly id: number }>): ReadonlyArray<string | null> =>
  builds.map(
    ({ id }) =>
      tx.get<{ readonly volume: string | null }>(
        "SELECT volume.name AS volume FROM build LEFT JOIN volume ON volume.id = build.volume_id WHERE build.id = :id",
        { id }
      )?.volume ?? null
  )

/** NULL where there is no name. */
const volumeNamed = (parameter: string): string => `(SELECT id FROM volume WHERE name = :${parameter})`
