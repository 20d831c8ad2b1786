import type { PackageIdentity } from "./package-identity.ts"

/** A package's element of other.xml, as a byte string; `pkgid` is the checksum of its file in hex. */
export const otherFragment = (pkgid: string, identity: PackageIdentity, changelogs: string): string =>
  `<package pkgid="${pkgid}"${identity.attributes}>\n${identity.version}${changelogs}</package>\n`
