import { compareEvr } from "../rpm/evr.ts"
import { type Nevra, nvr } from "../rpm/nevra.ts"
import { byteString, bytesOf, type Report, xmlAttribute, xmlText } from "./xml-text.ts"

/** What tells two packages of one name and architecture apart. */
type Edition = Pick<Nevra, "epoch" | "version" | "release">

/** A package of the repository that can be put together from an older one, which is installed, and a delta rpm. */
export interface DeltaRpm {
  readonly package: Nevra
  /** Of the older package, which has the same name and architecture. */
  readonly from: Edition
  /** What the delta needs of the older package's files, as `makedeltarpm -s` prints it. */
  readonly sequence: string
  /** Of the delta: bytes, and sha256 in hex, whatever the repository's other checksums are. */
  readonly size: number
  readonly sha256: string
}

/** prestodelta.xml: the delta rpms of a repository by the package that they make, the newest older one first. As createrepo_c prints it. */
export const prestodeltaXml = (deltas: ReadonlyArray<DeltaRpm>): Uint8Array => {
  const made = Map.groupBy(deltas.toSorted(inOrder), (delta) => JSON.stringify(delta.package))
  const packages = [...made.values()].map((ofOne) => {
    const [first] = ofOne
    return first === undefined ? "" : packageXml(first.package, ofOne)
  })
  return bytesOf(`<?xml version="1.0" encoding="UTF-8"?>\n<prestodelta>\n${packages.join("")}</prestodelta>`)
}

/** The file name of a delta in `drpms/`. No epoch is in it. */
export const drpmName = (package_: Nevra, from: Edition): string =>
  `${package_.name}-${from.version}-${from.release}_${package_.version}-${package_.release}.${package_.arch}.drpm`

/** Where clients find it, relative to the repository. */
export const drpmHref = (package_: Nevra, from: Edition): string => `drpms/${drpmName(package_, from)}`

/**
 * Reads what `makedeltarpm -s` wrote for a delta from a package: its N-V-R (with an epoch, where it has one), a dash, the MD5 of its list of
 * files and their order in hex. Undefined where it is anything else.
 */
export const parseSequence = (text: string, from: Nevra): string | undefined => {
  const sequence = text.trimEnd()
  const evr = `${from.version}-${from.release}`
  const names = [`${from.name}-${evr}-`, `${from.name}-${from.epoch ?? 0}:${evr}-`]
  const name = names.find((beginning) => sequence.startsWith(beginning))
  return name !== undefined && /^[0-9a-f]{32,}$/.test(sequence.slice(name.length)) ? sequence : undefined
}

const packageXml = ({ arch, epoch, name, release, version }: Nevra, deltas: ReadonlyArray<DeltaRpm>): string =>
  `  <newpackage name="${attribute(name)}" epoch="${epoch ?? 0}" version="${attribute(version)}" release="${attribute(
    release
  )}" arch="${attribute(arch)}">\n${deltas.map(deltaXml).join("")}  </newpackage>\n`

const deltaXml = ({ from, package: package_, sequence, sha256, size }: DeltaRpm): string =>
  `    <delta oldepoch="${from.epoch ?? 0}" oldversion="${attribute(from.version)}" oldrelease="${attribute(
    from.release
  )}">\n` +
  `      <filename>${text(drpmHref(package_, from))}</filename>\n` +
  `      <sequence>${text(sequence)}</sequence>\n` +
  `      <size>${size}</size>\n` +
  `      <checksum type="sha256">${sha256}</checksum>\n` +
  "    </delta>\n"

const inOrder = (a: DeltaRpm, b: DeltaRpm): number =>
  bytewise(a.package.name, b.package.name) ||
  compareEvr(a.package, b.package) ||
  bytewise(nvr(a.package), nvr(b.package)) ||
  bytewise(a.package.arch, b.package.arch) ||
  compareEvr(b.from, a.from) ||
  bytewise(drpmName(a.package, a.from), drpmName(b.package, b.from))

const bytewise = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

const text = (value: string): string => xmlText(byteString(value), "prestodelta", ignore)
const attribute = (value: string): string => xmlAttribute(byteString(value), "prestodelta", ignore)

/** Names were checked when the packages were taken in; what cannot be printed is replaced all the same. */
const ignore: Report = () => undefined
