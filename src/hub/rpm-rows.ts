import type { Reading } from "./database.ts"
import type { HubRpm, RpmPlace, RpmSignature } from "./model.ts"

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
