import { isSourcePackage } from "../rpm/merged-view.ts"
import type { PackageHead } from "../rpm/package-head.ts"
import { Tag } from "../rpm/tags.ts"
import { type Report, xmlAttribute, xmlText } from "./xml-text.ts"

/** Name, architecture and version as the three metadata files print them, escaped byte strings. */
export interface PackageIdentity {
  readonly nameText: string
  readonly archText: string
  /** ` name="…" arch="…"` */
  readonly attributes: string
  /** The whole `version` element. */
  readonly version: string
}

/** The identity in a package's header. Source packages are all `src` here, also those whose file is a `nosrc.rpm`. */
export const packageIdentity = (head: PackageHead, report: Report): PackageIdentity => {
  const { main } = head
  const name = main.byteString(Tag.name) ?? ""
  const arch = isSourcePackage(head) ? "src" : (main.byteString(Tag.arch) ?? "")
  const epoch = main.decimal(Tag.epoch) ?? "0"
  const version = xmlAttribute(main.byteString(Tag.version) ?? "", "version", report)
  const release = xmlAttribute(main.byteString(Tag.release) ?? "", "release", report)
  return {
    nameText: xmlText(name, "name", report),
    archText: xmlText(arch, "arch", report),
    attributes: ` name="${xmlAttribute(name, "name", report)}" arch="${xmlAttribute(arch, "arch", report)}"`,
    version: `  <version epoch="${epoch}" ver="${version}" rel="${release}"/>\n`
  }
}
