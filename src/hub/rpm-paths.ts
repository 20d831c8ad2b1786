import { Either } from "effect"
import { primaryRpm, signedRpm } from "../koji/topdir.ts"
import type { Reading } from "./database.ts"
import type { RpmCopy, RpmPlace } from "./model.ts"

/**
 * Where the file of these bytes lies, relative to the topdir. A file that was imported already signed has a signed copy of the same
 * bytes: then the primary one is named, which stays as long as its build. Null where there is none.
 */
export const rpmPath = (tx: Reading, { sha256, size }: RpmCopy): string | null => {
  const copy = { sha256, size }
  const row = tx.get<Row>(SELECT_PRIMARY, copy) ?? tx.get<Row>(SELECT_SIGNED, copy)
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

const select = (
  from: string,
  sigkey: string
): string => `SELECT rpm.name, rpm.version, rpm.release, rpm.arch, ${sigkey} AS sigkey,
    package.name AS build_name, build.version AS build_version, build.release AS build_release
  FROM ${from} JOIN build ON build.id = rpm.build_id JOIN package ON package.id = build.package_id`

const SELECT_PRIMARY = `${select("rpm", "NULL")}
  WHERE rpm.sha256 = :sha256 AND rpm.size = :size ORDER BY rpm.id LIMIT 1`

const SELECT_SIGNED = `${select("rpm_copy copy JOIN rpm ON rpm.id = copy.rpm_id", "copy.sigkey")}
  WHERE copy.sha256 = :sha256 AND copy.size = :size ORDER BY rpm.id, copy.sigkey LIMIT 1`
