import type { FileElements } from "./file-list.ts"
import type { PackageIdentity } from "./package-identity.ts"

/** A package's element of filelists.xml, as a byte string; `pkgid` is the checksum of its file in hex. */
export const filelistsFragment = (pkgid: string, identity: PackageIdentity, files: FileElements): string =>
  `<package pkgid="${pkgid}"${identity.attributes}>\n${identity.version}${files.all}</package>\n`
