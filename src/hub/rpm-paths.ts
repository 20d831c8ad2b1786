import { Either } from "effect"
import { primaryRpm, signedRpm } from "../koji/topdir.ts"
import type { Reading } from "./database.ts"
import type { RpmCopy, RpmPlace } from "./model.ts"

/**
 * Where the file of these bytes lies, relative to the topdir. A file that was imported already signed has a signed copy of the same
 * bytes: then the primary one is named, which stays as long as its build. Null where there is none.
 */
export const rpmPath = (tx: Reading, { sha256, size }: RpmCopy): string | null => {
  const row = tx.get<Row>(SELECT_PLACE, { sha256, size })
  if (row === undefined) return null
  const place = { volume: null, name: row.build_name, version: row.build_version, release: row.build_release }
  // names were checked when the rpm was imported
  return Either.getOrThrow(row.sigkey === null ? primaryRpm(place, row) : signedRpm(place, row, row.sigkey))
}

interface Row extends Omit<RpmPlace, "build"> {
  /** Null for the primary copy. */
  readonly sigkey: string | null
  readonly build_name: string
  readonly build_version: string
  readonly build_release: string
}

const SELECT_PLACE = `SELECT rpm.name, rpm.version, rpm.release, rpm.arch, file.sigkey,
    package.name AS build_name, build.version AS build_version, build.release AS build_release
  FROM (
    SELECT id AS rpm_id, NULL AS sigkey FROM rpm WHERE sha256 = :sha256 AND size = :size
    UNION ALL
    SELECT rpm_id, sigkey FROM rpm_copy WHERE sha256 = :sha256 AND size = :size
  ) file
  JOIN rpm ON rpm.id = file.rpm_id JOIN build ON build.id = rpm.build_id JOIN package ON package.id = build.package_id
  ORDER BY file.sigkey IS NOT NULL, rpm.id, file.sigkey LIMIT 1`
