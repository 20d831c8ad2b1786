import type { Reading } from "./database.ts"
import type { HubRpm, RpmCopy, RpmPlace, RpmSignature } from "./model.ts"

/** Rpms of some builds, and the newest event that brought one of them, a signature or a signed copy (0: none). */
export interface BuildRpms<Rpms> {
  readonly rpms: Rpms
  readonly newestEvent: number
}

/**
 * The rpms of these builds (by build id), of some arches only where `arches` is given, by name, version, release and
 * arch (bytewise). One statement, whatever their number: an export reads tens of thousands.
 */
export const readRpms = (
  tx: Reading,
  builds: ReadonlyMap<number, HubRpm["build"]>,
  arches?: ReadonlyArray<string>
): BuildRpms<ReadonlyArray<HubRpm>> => gather(tx, builds, "name, version, release, arch", (rpms) => [...rpms], arches)

/**
 * The rpms of these builds in the order of their file names (bytewise; no two rpms have one), each made when it is asked for: all of a
 * big tag would take much memory. `use` reads them to the end.
 */
export const gatherRpms = <A>(
  tx: Reading,
  builds: ReadonlyMap<number, HubRpm["build"]>,
  use: (rpms: Iterable<HubRpm>) => A
): BuildRpms<A> => gather(tx, builds, "name || '-' || version || '-' || release || '.' || arch || '.rpm'", use)

const gather = <A>(
  tx: Reading,
  builds: ReadonlyMap<number, HubRpm["build"]>,
  order: string,
  use: (rpms: Iterable<HubRpm>) => A,
  arches?: ReadonlyArray<string>
): BuildRpms<A> => {
  const ofArches = arches === undefined ? "" : " AND arch IN (SELECT value FROM json_each(:arches))"
  const rows = tx.each<RpmRow>(
    `SELECT id, build_id, name, version, release, epoch, arch, payloadhash, size, sha256, buildtime, create_event, ${SIGNATURES}
     FROM rpm WHERE build_id IN (SELECT value FROM json_each(:builds))${ofArches} ORDER BY ${order}`,
    { builds: JSON.stringify([...builds.keys()]), ...(arches && { arches: JSON.stringify(arches) }) }
  )
  let newestEvent = 0
  const noteEvent = (event: number): void => {
    newestEvent = Math.max(newestEvent, event)
  }
  return { rpms: use(rpmsOf(rows, builds, noteEvent)), newestEvent }
}

function* rpmsOf(
  rows: Iterable<RpmRow>,
  builds: ReadonlyMap<number, HubRpm["build"]>,
  noteEvent: (event: number) => void
): Generator<HubRpm> {
  for (const row of rows) {
    const [id, buildId, name, version, release, epoch, arch, payloadhash, size, sha256, buildtime, event] = row
    const build = builds.get(buildId)
    if (!build) continue
    noteEvent(event)
    const signatures: ReadonlyArray<SignatureRow> = JSON.parse(row[12])
    for (const [, , , created, copied] of signatures) noteEvent(Math.max(created, copied ?? 0))
    yield {
      id,
      name,
      version,
      release,
      epoch,
      arch,
      buildId,
      payloadhash,
      size,
      buildtime,
      build,
      primary: { sha256, size },
      signatures: signatures.map(signatureOf).sort((a, b) => (a.sigkey < b.sigkey ? -1 : 1))
    }
  }
}

const signatureOf = ([sigkey, sha256, size]: SignatureRow): RpmSignature => ({
  sigkey,
  copy: sha256 === null || size === null ? null : { sha256, size }
})

/** Where a content lists the rpms that these builds had at an event. */
export const readRpmPlaces = (
  tx: Reading,
  builds: ReadonlyMap<number, HubRpm["build"]>,
  event: number
): ReadonlyArray<RpmPlace> =>
  tx
    .all<Omit<RpmPlace, "build"> & { readonly build_id: number }>(
      `SELECT build_id, name, version, release, arch FROM rpm
       WHERE build_id IN (SELECT value FROM json_each(:builds)) AND create_event <= :event`,
      { builds: JSON.stringify([...builds.keys()]), event }
    )
    .flatMap(({ build_id, ...rpm }) => {
      const build = builds.get(build_id)
      return build === undefined ? [] : [{ ...rpm, build }]
    })

/** The file that each of these rpms has for a key, or its primary copy for none; null where the hub has no such file. In their order. */
export const readRpmFiles = (
  tx: Reading,
  wanted: ReadonlyArray<{ readonly id: number; readonly sigkey: string | null }>
): ReadonlyArray<RpmCopy | null> => {
  const files: Array<RpmCopy | null> = wanted.map(() => null)
  const rows = tx.each<readonly [at: number, sha256: string | null, size: number | null]>(
    `SELECT wanted.key, coalesce(copy.sha256, rpm.sha256), coalesce(copy.size, rpm.size)
     FROM json_each(:wanted) wanted
     LEFT JOIN rpm ON rpm.id = wanted.value ->> 0 AND wanted.value ->> 1 IS NULL
     LEFT JOIN rpm_copy copy ON copy.rpm_id = wanted.value ->> 0 AND copy.sigkey = wanted.value ->> 1`,
    { wanted: JSON.stringify(wanted.map(({ id, sigkey }) => [id, sigkey])) }
  )
  for (const [at, sha256, size] of rows) files[at] = sha256 === null || size === null ? null : { sha256, size }
  return files
}
/** SQL: an rpm's signatures as JSON, each a {@link SignatureRow}. */
const SIGNATURES = `(SELECT json_group_array(json_array(signature.sigkey, copy.sha256, copy.size, signature.create_event, copy.create_event))
  FROM rpm_signature signature LEFT JOIN rpm_copy copy ON copy.rpm_id = signature.rpm_id AND copy.sigkey = signature.sigkey
  WHERE signature.rpm_id = rpm.id)`

type SignatureRow = readonly [
  sigkey: string,
  sha256: string | null,
  size: number | null,
  event: number,
  copyEvent: number | null
]

type RpmRow = readonly [
  id: number,
  buildId: number,
  name: string,
  version: string,
  release: string,
  epoch: number | null,
  arch: string,
  payloadhash: string,
  size: number,
  sha256: string,
  buildtime: number,
  event: number,
  signatures: string
]
