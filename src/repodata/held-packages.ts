/** The packages of a repository by `name-epoch:version-release.arch`, with the epoch spelled out and arch `src` for all sources. */
export type HeldPackages = ReadonlyMap<string, HeldPackage>

/** A package that a repository holds. */
export interface HeldPackage {
  readonly name: string
  readonly nevra: string
  /** Of its file, as `sha256`. */
  readonly checksumType: string
  /** In hex. */
  readonly checksum: string
  /** The last part of its location. */
  readonly fileName: string
}

export const heldPackages = (packages: ReadonlyArray<HeldPackage>): HeldPackages =>
  new Map(packages.map((held) => [held.nevra, held]))

/** A package as the first piece of its element of primary.xml, a byte string, tells it; undefined where that is none. */
export const heldPackage = (primary: string, href: string): HeldPackage | undefined => {
  const { arch, checksum, epoch, name, release, type, version } = element.exec(primary)?.groups ?? {}
  if (name === undefined || type === undefined || checksum === undefined) return undefined
  return {
    name: text(name),
    nevra: text(`${name}-${epoch}:${version}-${release}.${arch}`),
    checksumType: type,
    checksum,
    fileName: href.slice(href.lastIndexOf("/") + 1)
  }
}

const element =
  /^<package type="rpm">\n {2}<name>(?<name>[^<]*)<\/name>\n {2}<arch>(?<arch>[^<]*)<\/arch>\n {2}<version epoch="(?<epoch>[^"]*)" ver="(?<version>[^"]*)" rel="(?<release>[^"]*)"\/>\n {2}<checksum type="(?<type>[^"]*)" pkgid="YES">(?<checksum>[^<]*)</

/** What stands for it in XML, undone. */
const text = (bytes: string): string =>
  Buffer.from(
    bytes.replace(/&(?:lt|gt|quot|amp|#\d+);/g, (entity) => characters.get(entity) ?? entity),
    "latin1"
  ).toString()

const characters: ReadonlyMap<string, string> = new Map([
  ["&lt;", "<"],
  ["&gt;", ">"],
  ["&quot;", '"'],
  ["&amp;", "&"],
  ["&#9;", "\t"],
  ["&#10;", "\n"],
  ["&#13;", "\r"]
])
