import type { Reading } from "./database.ts"
import type { HubRpm, RpmCopy, RpmPlace, RpmSignature } from "./model.ts"

/** The rpms of some builds, and the newest event that brought one of them, a signature or a signed copy (0: none). */
export interface BuildRpms {
  readonly rpms: ReadonlyArray<HubRpm>
  readonly newestEvent: number
}

/**
 * The rpms of these builds (by build id), of some arches only where `arches` is given, by name, version, release and
 * arch (bytewise). Two statements, whatever their number: an export reads tens of thousands.
 */
export const readRpms = (
  tx: Reading,
  builds: ReadonlyMap<number, HubRpm["build"]>,
  arches?: ReadonlyArray<string>
): BuildRpms => {
  const selected = {
    builds: JSON.stringify([...builds.keys()]),
    ...(arches && { arches: JSON.stringify(arches) })
  }
  const where = `rpm.build_id IN (SELECT value FROM json_each(:builds))${
    arches ? " AND rpm.arch IN (SELECT value FROM json_each(:arches))" : ""
  }`
  let newestEvent = 0
  const signatures = new Map<number, Array<RpmSignature>>()
  for (const [rpm, sigkey, sha256, size, event, copyEvent] of tx.each<SignatureRow>(
    `SELECT signature.rpm_id, signature.sigkey, copy.sha256, copy.size, signature.create_event, copy.create_event
     FROM rpm JOIN rpm_signature signature ON signature.rpm_id = rpm.id
     LEFT JOIN rpm_copy copy ON copy.rpm_id = signature.rpm_id AND copy.sigkey = signature.sigkey WHERE ${where}`,
    selected
  )) {
    newestEvent = Math.max(newestEvent, event, copyEvent ?? 0)
    const signature = { sigkey, copy: sha256 === null || size === null ? null : { sha256, size } }
    const known = signatures.get(rpm)
    if (known) known.push(signature)
    else signatures.set(rpm, [signature])
  }
  const rpms: Array<HubRpm> = []
  for (const row of tx.each<RpmRow>(
    `SELECT id, build_id, name, version, release, epoch, arch, payloadhash, size, sha256, buildtime, create_event
     FROM rpm WHERE ${where} ORDER BY name, version, release, arch`,
    selected
  )) {
    const [id, buildId, name, version, release, epoch, arch, payloadhash, size, sha256, buildtime, event] = row
    const build = builds.get(buildId)
    if (!build) continue
    newestEvent = Math.max(newestEvent, event)
    rpms.push({
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
      signatures: (signatures.get(id) ?? []).sort((a, b) => (a.sigkey < b.sigkey ? -1 : 1))
    })
  }
  return { rpms, newestEvent }
}

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

type SignatureRow = readonly [
  rpm: number,
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
  event: number
]
