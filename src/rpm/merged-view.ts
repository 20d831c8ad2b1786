import type { PackageHead } from "./package-head.ts"
import { SignatureTag, Tag } from "./tags.ts"

/**
 * What rpm shows of a package beyond its stored tags: values that moved between the two headers, and those that it
 * supplies for packages made before the tags existed. Source: librpm 4's header merging and retrofits.
 */

/** Whether this is a source package: what tag SOURCEPACKAGE says, or, where no tag tells, files without a directory. */
export const isSourcePackage = (head: PackageHead): boolean => {
  if (head.main.has(Tag.sourcePackage)) return head.main.number(Tag.sourcePackage) !== 0
  if (head.main.has(Tag.sourceRpm)) return false
  const { dirNames } = fileNames(head)
  return dirNames.length === 1 && dirNames[0] === ""
}

/** File name of the source package, as a byte string; "(none)" for binary packages that do not say. */
export const sourceRpm = (head: PackageHead): string | undefined =>
  head.main.has(Tag.sourceRpm) || head.main.has(Tag.sourcePackage) || isSourcePackage(head)
    ? head.main.byteString(Tag.sourceRpm)
    : "(none)"

/** Uncompressed size of the payload in bytes, as decimal digits; "0" if no tag tells. */
export const archiveSize = ({ main, signature }: PackageHead): string =>
  signature.decimal(SignatureTag.longArchiveSize) ??
  ((main.number(Tag.rpmFormat) ?? 4) >= 6 ? undefined : signature.decimal(SignatureTag.payloadSize)) ??
  main.decimal(Tag.archiveSize) ??
  "0"

/** Installed size in bytes, as decimal digits. A tag, not a sum: hard links count once. */
export const installedSize = ({ main }: PackageHead): string =>
  main.has(Tag.longSize) ? (main.decimal(Tag.longSize) ?? "0") : (main.decimal(Tag.size) ?? "0")

/** File names in rpm's split form: file i is `dirNames[dirIndexes[i]] + baseNames[i]`, as byte strings. */
export interface FileNames {
  readonly dirNames: ReadonlyArray<string>
  readonly dirIndexes: ReadonlyArray<number>
  readonly baseNames: ReadonlyArray<string>
}

/** The package's file names; v3 packages hold full paths, which are split as rpm does. */
export const fileNames = ({ main }: PackageHead): FileNames =>
  main.has(Tag.oldFileNames) && !main.has(Tag.dirNames)
    ? splitPaths(main.byteStrings(Tag.oldFileNames))
    : {
        dirNames: main.byteStrings(Tag.dirNames),
        dirIndexes: main.numbers(Tag.dirIndexes),
        baseNames: main.byteStrings(Tag.baseNames)
      }

/** One kind of dependency: parallel lists, as byte strings. */
export interface DependencyLists {
  readonly names: ReadonlyArray<string>
  readonly flags: ReadonlyArray<number>
  readonly versions: ReadonlyArray<string>
}

/** Flag of a dependency on exactly this version. */
const EQUAL = 8

/** What the package provides; a v3 binary package provides itself even where it does not say so. */
export const provides = (head: PackageHead): DependencyLists => {
  const { main } = head
  const names = main.byteStrings(Tag.provideName)
  const flags = main.numbers(Tag.provideFlags)
  const versions = main.byteStrings(Tag.provideVersion)
  if (main.hasRegion || isSourcePackage(head)) return { names, flags, versions }
  const name = main.byteString(Tag.name)
  const version = main.byteString(Tag.version)
  const release = main.byteString(Tag.release)
  if (name === undefined || version === undefined || release === undefined) return { names, flags, versions }
  const epoch = main.number(Tag.epoch)
  const evr = `${epoch === undefined ? "" : `${epoch}:`}${version}-${release}`
  const hasVersions = main.has(Tag.provideVersion)
  const allFlags = hasVersions ? flags : names.map(() => 0)
  const allVersions = hasVersions ? versions : names.map(() => "")
  const isThere = names.some(
    (provided, at) => provided === name && allVersions[at] === evr && ((allFlags[at] ?? 0) & 0xf) === EQUAL
  )
  return isThere
    ? { names, flags: allFlags, versions: allVersions }
    : { names: [...names, name], flags: [...allFlags, EQUAL], versions: [...allVersions, evr] }
}

const splitPaths = (paths: ReadonlyArray<string>): FileNames => {
  if (paths[0] !== undefined && !paths[0].startsWith("/")) {
    return { dirNames: [""], dirIndexes: paths.map(() => 0), baseNames: paths }
  }
  const places = new Map<string, number>()
  const dirIndexes: Array<number> = []
  const baseNames: Array<string> = []
  for (const path of paths) {
    const cut = path.lastIndexOf("/") + 1
    const directory = path.slice(0, cut)
    const place = places.get(directory) ?? places.size
    places.set(directory, place)
    dirIndexes.push(place)
    baseNames.push(path.slice(cut))
  }
  return { dirNames: [...places.keys()], dirIndexes, baseNames }
}
