import { Either } from "effect"
import { parseNvra } from "../rpm/nevra.ts"
import type { Reading } from "./database.ts"
import type { NoSuchTag } from "./errors.ts"
import { readInheritance } from "./inheritance-rows.ts"
import { readTag } from "./tags.ts"

/**
 * When the first of these rpms, by N-V-R.A, came into a tag or, with `inherit`, into one of its parents: with its build, or with an import
 * into a build that was there. In milliseconds; null where none of them is there.
 */
export const firstTagged = (
  tx: Reading,
  name: string,
  inherit: boolean,
  nvras: ReadonlyArray<string>
): Either.Either<number | null, NoSuchTag> =>
  Either.map(readTag(tx, name, null), ({ id }) => {
    const parents = inherit ? readInheritance(tx, id, null).map(({ parentId }) => parentId) : []
    const rpms = nvras.flatMap((nvra) => {
      const parsed = parseNvra(nvra)
      return Either.isRight(parsed) ? [parsed.right] : []
    })
    const values = { tags: JSON.stringify([id, ...parents]), rpms: JSON.stringify(rpms) }
    return tx.get<{ readonly time: number | null }>(SELECT_FIRST, values)?.time ?? null
  })

const SELECT_FIRST = `SELECT min(event.time) AS time
  FROM json_each(:rpms) wanted
  JOIN rpm ON rpm.name = wanted.value ->> 'name' AND rpm.version = wanted.value ->> 'version'
    AND rpm.release = wanted.value ->> 'release' AND rpm.arch = wanted.value ->> 'arch'
  JOIN tag_listing listing ON listing.build_id = rpm.build_id
  JOIN event ON event.id = max(listing.create_event, rpm.create_event)
  WHERE listing.tag_id IN (SELECT value FROM json_each(:tags)) AND listing.revoke_event IS NULL`
