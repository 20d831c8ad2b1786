import { type KojiVariant, kojiText, kojiTree } from "./koji-parity-variant.ts"

export const metadataKinds = ["primary", "filelists", "other"] as const
export type MetadataKind = (typeof metadataKinds)[number]

/** One package of a metadata file. */
export interface PackageElement {
  /** As `bash-5.2-1.x86_64.rpm`. */
  readonly file: string
  readonly checksum: string
  /** The element's text, without its `time/@file`: Koji's is the mtime of its own copy. Characters of attributes are not escaped. */
  readonly xml: string
}

/** The packages of primary, filelists or other, in the order of the file. */
export const packageElements = (document: string): ReadonlyArray<PackageElement> =>
  document
    .slice(document.indexOf("<package "), document.lastIndexOf("</"))
    .split(/(?<=<\/package>\n)/)
    .filter((element) => element.startsWith("<package "))
    .map((element) => {
      const [, name] = /<name>(.*)<\/name>| name="([^"]*)"/.exec(element)?.filter((part) => part !== undefined) ?? []
      const [, arch] = /<arch>(.*)<\/arch>| arch="([^"]*)"/.exec(element)?.filter((part) => part !== undefined) ?? []
      const [, version, release] = /<version [^>]*ver="([^"]*)" rel="([^"]*)"/.exec(element) ?? []
      return {
        file: `${name}-${version}-${release}.${arch}.rpm`,
        checksum: /[^0-9a-f]([0-9a-f]{64})[^0-9a-f]/.exec(element)?.[1] ?? "",
        xml: withRawAttributes(element.replace(/<time file="\d+"/, '<time file="…"'))
      }
    })

/** The true sum of each package file that one repository of a recorded repo lists, by file name. */
export const trueSums = (variant: string, place: string): ReadonlyMap<string, string> => {
  const listed = new Set(
    kojiText(variant, "files", place, "pkglist")
      .split("\n")
      .map((path) => path.slice(path.lastIndexOf("/") + 1))
  )
  return new Map(
    kojiTree(variant)
      .filter(({ path }) => path.startsWith(`${archOf(place)}/Packages/`))
      .map(({ path, sha256 }) => [path.slice(path.lastIndexOf("/") + 1), sha256] as const)
      .filter(([file]) => listed.has(file))
  )
}

const kojiElements = (variant: string, place: string, kind: MetadataKind): ReadonlyArray<PackageElement> =>
  packageElements(kojiText(variant, "files", place, "repodata", `${kind}.xml`))

/** Where a recorded repo has repositories: its arches (`x86_64`), and their sub-repositories (`x86_64/debug`). */
export const kojiPlaces = (variant: string): ReadonlyArray<string> =>
  kojiTree(variant)
    .filter(({ path }) => path.endsWith("/repodata/repomd.xml"))
    .map(({ path }) => path.slice(0, -"/repodata/repomd.xml".length))

/** The arch of a repository's place. */
export const archOf = (place: string): string => place.split("/")[0] ?? ""

/**
 * Koji's elements with true sums: its builder takes over old elements, and with them, where a package has several signed copies, the
 * sums of another copy. An element with a wrong sum is replaced by what Koji says of the true file in another repo; where it never lists
 * that file truly, the two files are of one size, for else the builder would have noticed, and only the sum is wrong.
 */
export const truthful = (
  variants: ReadonlyArray<KojiVariant>
): ((variant: string, place: string, kind: MetadataKind) => ReadonlyArray<PackageElement>) => {
  const known = new Map<string, string>()
  for (const { name } of variants) {
    for (const place of kojiPlaces(name)) {
      const sums = trueSums(name, place)
      for (const kind of metadataKinds) {
        for (const { checksum, file, xml } of kojiElements(name, place, kind)) {
          if (sums.get(file) === checksum) known.set(`${kind} ${checksum}`, placedAt("", xml))
        }
      }
    }
  }
  return (variant, place, kind) => {
    const sums = trueSums(variant, place)
    return kojiElements(variant, place, kind).map(({ checksum, file, xml }) => {
      const sum = sums.get(file) ?? checksum
      const true_ = known.get(`${kind} ${sum}`)
      const prefix = place === archOf(place) ? "" : "../"
      return { file, checksum: sum, xml: true_ === undefined ? xml.replace(checksum, sum) : placedAt(prefix, true_) }
    })
  }
}

/** The element as another repository has it, which reaches the packages over this path. */
const placedAt = (prefix: string, xml: string): string =>
  xml.replace(/href="(\.\.\/)?Packages/, `href="${prefix}Packages`)

/** The packages of which Koji lists the sum of another file than lies in the repo. */
export const staleFiles = (variant: string, place: string, kind: MetadataKind): ReadonlyArray<string> => {
  const sums = trueSums(variant, place)
  return kojiElements(variant, place, kind)
    .filter(({ checksum, file }) => sums.get(file) !== checksum)
    .map(({ file }) => file)
}

/** Older libxml2 writes what is not ASCII as character references in attributes, and raw in texts: the same XML. */
const withRawAttributes = (xml: string): string =>
  xml.replace(/="[^"]*&#x[^"]*"/g, (value) =>
    value.replace(/&#x([0-9A-F]+);/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
  )
