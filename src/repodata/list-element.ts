import type { PackageIdentity } from "./package-identity.ts"

/**
 * A package's element of filelists.xml or other.xml, as a byte string: who it is, and its `file` or `changelog` elements. `pkgid` is
 * the checksum of its file in hex.
 */
export const listElement = (pkgid: string, identity: PackageIdentity, elements: string): string =>
  `<package pkgid="${pkgid}"${identity.attributes}>\n${identity.version}${elements}</package>\n`
