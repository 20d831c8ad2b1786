import type { RpmName } from "../koji/topdir.ts"
import type { Reading } from "./database.ts"

/** What tells a package from another one of the same name. */
export interface PackageIdentity {
  /** "" where the package does not say it, as those of rpm 6 need not. */
  readonly payloadhash: string
  /** sha256 of each whole file that is known to be this package. */
  readonly files: ReadonlyArray<string>
}

/** The identity of the package that the hub has under a name: its primary and signed copies. */
export const importedPackage = (
  tx: Reading,
  { name, version, release, arch }: RpmName
): PackageIdentity | undefined => {
  const found = tx.get<{ readonly id: number; readonly payloadhash: string; readonly sha256: string }>(
    "SELECT id, payloadhash, sha256 FROM rpm WHERE name = :name AND version = :version AND release = :release AND arch = :arch",
    { name, version, release, arch }
  )
  if (found === undefined) return undefined
  const copies = tx.all<{ readonly sha256: string }>("SELECT sha256 FROM rpm_copy WHERE rpm_id = :rpm", {
    rpm: found.id
  })
  return { payloadhash: found.payloadhash, files: [found.sha256, ...copies.map(({ sha256 }) => sha256)] }
}

/**
 * How a file differs from the package that has its name, in words that go on "the … of NVRA is …"; null where it is the
 * same package. As in Koji the MD5 of header and payload decides, which is the same whoever signed; where the packages do
 * not have it, only the very file, or its signed copy, is the same.
 */
export const differenceFrom = (
  known: PackageIdentity,
  nvra: string,
  { payloadhash, sha256 }: { readonly payloadhash: string; readonly sha256: string }
): string | null => {
  if (known.payloadhash !== payloadhash) {
    return `the sigmd5 of ${nvra} is ${known.payloadhash || "absent"}, that of this file ${payloadhash || "absent"}`
  }
  if (payloadhash !== "" || known.files.includes(sha256)) return null
  return `${nvra} has no sigmd5, and its sha256 is ${known.files.join(" or ")}, that of this file ${sha256}; for another signature of the same package use import-sig`
}
