import type { Reading } from "./database.ts"

/** A package, of whose builds those of the same name are. */
export interface TouchedPackage {
  readonly id: number
  readonly name: string
}

/**
 * The packages to which something happened after an event that can have changed what some tags hold: to their entries in the lists of
 * `tags`, to their builds in `searched`, or to the files of those. Null where something happened that is no single package's: to an
 * inheritance. `tags` are those of the chain as it is now; if nothing happened to their links, it was the same then. Costs what
 * happened since.
 */
export const touchedPackages = (
  tx: Reading,
  { searched, tags }: { readonly tags: ReadonlyArray<number>; readonly searched: ReadonlyArray<number> },
  since: number
): ReadonlyArray<TouchedPackage> | null => {
  const values = { tags: JSON.stringify(tags), since }
  if (tx.get(SELECT_LINK_CHANGE, values) !== undefined) return null
  return tx.all<TouchedPackage>(SELECT_TOUCHED, { ...values, searched: JSON.stringify(searched) })
}

const SELECT_LINK_CHANGE = `SELECT 1 FROM tag_inheritance
  WHERE tag_id IN (SELECT value FROM json_each(:tags)) AND (create_event > :since OR revoke_event > :since) LIMIT 1`

const entries = (column: "create_event" | "revoke_event"): string =>
  `SELECT package_id FROM tag_package WHERE tag_id IN (SELECT value FROM json_each(:tags)) AND ${column} > :since`

const listings = (column: "create_event" | "revoke_event"): string =>
  `SELECT build.package_id FROM tag_listing JOIN build ON build.id = tag_listing.build_id
   WHERE tag_listing.tag_id IN (SELECT value FROM json_each(:searched)) AND tag_listing.${column} > :since`

/** Of builds that are or were in the tags; their files may have come before they were tagged. */
const files = (table: "rpm" | "rpm_signature" | "rpm_copy"): string =>
  `SELECT build.package_id FROM ${table} file ${table === "rpm" ? "" : "JOIN rpm ON rpm.id = file.rpm_id"}
   JOIN build ON build.id = ${table === "rpm" ? "file" : "rpm"}.build_id
   WHERE file.create_event > :since AND EXISTS (SELECT 1 FROM tag_listing listing
     WHERE listing.build_id = build.id AND listing.tag_id IN (SELECT value FROM json_each(:searched)))`

const SELECT_TOUCHED = `SELECT package.id, package.name FROM package WHERE package.id IN (
  ${[
    entries("create_event"),
    entries("revoke_event"),
    listings("create_event"),
    listings("revoke_event"),
    files("rpm"),
    files("rpm_signature"),
    files("rpm_copy")
  ].join("\n  UNION ")})`
