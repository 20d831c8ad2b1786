import { Either } from "effect"
import { nvr } from "../rpm/nevra.ts"
import { NOW, type Reading } from "./database.ts"
import type { NoSuchTag } from "./errors.ts"
import { readInheritance } from "./inheritance-rows.ts"
import type { ContentCause, ContentCauseKind, ContentOptions } from "./model.ts"
import { readTag } from "./tags.ts"

/**
 * The events after `since` that can have changed a tag's content, oldest first. The tags are those that the content was made of
 * then or now, up to the event asked about; files are as of now whatever the event, of any build that is or was in the tags.
 * Costs what happened since, not what the tags have.
 */
export const contentCauses = (
  tx: Reading,
  name: string,
  { event, inherit }: ContentOptions,
  since: number
): Either.Either<ReadonlyArray<ContentCause>, NoSuchTag> =>
  Either.map(readTag(tx, name, event), ({ id }) => {
    const parents = [event, since].flatMap((at) => readInheritance(tx, id, at).map(({ parentId }) => parentId))
    const tags = JSON.stringify([...new Set([id, ...parents])])
    const rows = tx.all<CauseRow>(SELECT_CAUSES, {
      tags,
      searched: inherit ? tags : JSON.stringify([id]),
      since,
      until: event ?? NOW
    })
    return rows.map(({ name, version, release, ...cause }) => ({
      ...cause,
      subject: version === null || release === null ? name : nvr({ name, version, release })
    }))
  })

interface CauseRow {
  readonly event: number
  readonly time: number
  readonly tag: string | null
  readonly what: ContentCauseKind
  readonly name: string
  readonly version: string | null
  readonly release: string | null
  readonly sigkey: string | null
}

const NVR = "package.name, build.version, build.release"

/** Those of a build's rpms at one event are one cause. */
const fileCauses = (table: "rpm" | "rpm_signature" | "rpm_copy", what: ContentCauseKind): string =>
  `SELECT DISTINCT row.create_event AS event, NULL AS tag_id, '${what}' AS what, ${NVR},
     ${table === "rpm" ? "NULL" : "row.sigkey"} AS sigkey
   FROM ${table} row ${table === "rpm" ? "" : "JOIN rpm ON rpm.id = row.rpm_id"}
   JOIN build ON build.id = ${table === "rpm" ? "row" : "rpm"}.build_id JOIN package ON package.id = build.package_id
   WHERE row.create_event > :since ${table === "rpm" ? "" : "AND row.create_event <> rpm.create_event"}
     AND EXISTS (SELECT 1 FROM tag_listing listing WHERE listing.build_id = build.id
       AND listing.tag_id IN (SELECT value FROM json_each(:searched)))`

const inheritanceCauses = (column: "create_event" | "revoke_event"): string =>
  `SELECT row.${column}, row.tag_id, 'inheritance-changed', parent.name, NULL, NULL, NULL
   FROM tag_inheritance row JOIN tag parent ON parent.id = row.parent_id
   WHERE row.tag_id IN (SELECT value FROM json_each(:tags)) AND row.${column} > :since AND row.${column} <= :until`

const SELECT_CAUSES = `SELECT cause.event, event.time, tag.name AS tag, cause.what, cause.name, cause.version, cause.release, cause.sigkey
  FROM (
    ${fileCauses("rpm", "rpms-imported")}
    UNION ALL ${fileCauses("rpm_signature", "signature-imported")}
    UNION ALL ${fileCauses("rpm_copy", "signed-copy-written")}
    UNION ALL ${inheritanceCauses("create_event")}
    UNION ALL ${inheritanceCauses("revoke_event")}
    UNION ALL
    SELECT row.create_event, row.tag_id, CASE
      WHEN row.blocked THEN 'package-blocked'
      WHEN EXISTS (SELECT 1 FROM tag_package former WHERE former.tag_id = row.tag_id AND former.package_id = row.package_id
        AND former.revoke_event = row.create_event AND former.blocked) THEN 'package-unblocked'
      ELSE 'package-added' END, package.name, NULL, NULL, NULL
    FROM tag_package row JOIN package ON package.id = row.package_id
    WHERE row.tag_id IN (SELECT value FROM json_each(:tags)) AND row.create_event > :since AND row.create_event <= :until
    UNION ALL
    SELECT row.create_event, row.tag_id, 'build-tagged', ${NVR}, NULL
    FROM tag_listing row JOIN build ON build.id = row.build_id JOIN package ON package.id = build.package_id
    WHERE row.tag_id IN (SELECT value FROM json_each(:searched)) AND row.create_event > :since AND row.create_event <= :until
    UNION ALL
    SELECT row.revoke_event, row.tag_id, 'build-untagged', ${NVR}, NULL
    FROM tag_listing row JOIN build ON build.id = row.build_id JOIN package ON package.id = build.package_id
    WHERE row.tag_id IN (SELECT value FROM json_each(:searched)) AND row.revoke_event > :since AND row.revoke_event <= :until
      AND NOT EXISTS (SELECT 1 FROM tag_listing again WHERE again.tag_id = row.tag_id AND again.build_id = row.build_id
        AND again.create_event = row.revoke_event)
  ) cause JOIN event ON event.id = cause.event LEFT JOIN tag ON tag.id = cause.tag_id
  ORDER BY cause.event, cause.what, cause.name, cause.version, cause.release, cause.sigkey`
