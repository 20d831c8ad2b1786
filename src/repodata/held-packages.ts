/** The packages of a repository by `name-epoch:version-release.arch`, with the epoch spelled out and arch `src` for all sources. */
export type HeldPackages = ReadonlyMap<string, HeldPackage>

/** The file of a package that a repository holds. */
interface HeldPackage {
  /** As `sha256`. */
  readonly checksumType: string
  /** In hex. */
  readonly checksum: string
  /** The last part of its location. */
  readonly fileName: string
}
