import { Either } from "effect"
import { BadXml } from "../xml-reader.ts"
import { childrenOf, readXmlTree, type XmlElement } from "../xml-tree.ts"
import type { Advisory, AdvisoryCollection, AdvisoryModule, AdvisoryPackage } from "./advisory.ts"

/** Reads updateinfo.xml as createrepo_c does: what it does not know is passed over, of what is there twice the last counts. */
export const readUpdateinfo = (bytes: Uint8Array): Either.Either<ReadonlyArray<Advisory>, BadXml> =>
  Either.flatMap(readXmlTree(bytes), (root) => {
    const bad = (reason: string) => Either.left(new BadXml({ reason }))
    if (root.name !== "updates") return bad(`its root is ${root.name}, not updates`)
    const updates = childrenOf(root, "update")
    const nameless = updates.flatMap((update, index) => (textOf(update, "id") === null ? [index + 1] : []))
    if (nameless.length > 0) {
      const which = nameless.length === 1 ? "the update element" : "the update elements"
      return bad(
        `${which} ${nameless.slice(0, MAX_TOLD).join(", ")}${nameless.length > MAX_TOLD ? " …" : ""} (counted from 1) have no id`
      )
    }
    return Either.right(updates.map(advisoryOf))
  })

const MAX_TOLD = 20

const advisoryOf = (update: XmlElement): Advisory => ({
  from: attribute(update, "from"),
  status: attribute(update, "status"),
  type: attribute(update, "type"),
  version: attribute(update, "version"),
  id: textOf(update, "id") ?? "",
  title: textOf(update, "title"),
  issued: attribute(last(update, "issued"), "date"),
  updated: attribute(last(update, "updated"), "date"),
  rights: textOf(update, "rights"),
  release: textOf(update, "release"),
  pushcount: textOf(update, "pushcount"),
  severity: textOf(update, "severity"),
  summary: textOf(update, "summary"),
  description: textOf(update, "description"),
  solution: textOf(update, "solution"),
  rebootSuggested: last(update, "reboot_suggested") !== undefined,
  references: within(update, "references", "reference").map((reference) => ({
    href: attribute(reference, "href"),
    id: attribute(reference, "id"),
    type: attribute(reference, "type"),
    title: attribute(reference, "title")
  })),
  collections: within(update, "pkglist", "collection").map(collectionOf)
})

const collectionOf = (collection: XmlElement): AdvisoryCollection => ({
  short: attribute(collection, "short"),
  name: textOf(collection, "name"),
  module: moduleOf(last(collection, "module")),
  packages: childrenOf(collection, "package").map(packageOf)
})

const moduleOf = (module: XmlElement | undefined): AdvisoryModule | null =>
  module === undefined
    ? null
    : {
        name: attribute(module, "name"),
        stream: attribute(module, "stream"),
        version: count(attribute(module, "version") ?? ""),
        context: attribute(module, "context"),
        arch: attribute(module, "arch")
      }

const packageOf = (package_: XmlElement): AdvisoryPackage => {
  const sum = last(package_, "sum")
  const type = attribute(sum, "type")?.toLowerCase() ?? ""
  return {
    name: attribute(package_, "name"),
    version: attribute(package_, "version"),
    release: attribute(package_, "release"),
    epoch: attribute(package_, "epoch"),
    arch: attribute(package_, "arch"),
    src: attribute(package_, "src"),
    filename: textOf(package_, "filename"),
    // of another type it tells nothing to anybody
    sum: sum !== undefined && sum.text !== "" && sumTypes.has(type) ? { type, value: sum.text } : null,
    rebootSuggested: last(package_, "reboot_suggested") !== undefined,
    restartSuggested: last(package_, "restart_suggested") !== undefined,
    reloginSuggested: last(package_, "relogin_suggested") !== undefined
  }
}

const sumTypes: ReadonlySet<string> = new Set(["md2", "md5", "sha", "sha1", "sha224", "sha256", "sha384", "sha512"])

/** 0 where it is none. */
const count = (digits: string): string =>
  /^\d{1,20}$/.test(digits) && BigInt(digits) < 2n ** 64n ? BigInt(digits).toString() : "0"

const within = (element: XmlElement, outer: string, inner: string): ReadonlyArray<XmlElement> =>
  childrenOf(element, outer).flatMap((list) => childrenOf(list, inner))

const last = (element: XmlElement, name: string): XmlElement | undefined => childrenOf(element, name).at(-1)

const attribute = (element: XmlElement | undefined, name: string): string | null => element?.attributes[name] ?? null

/** Empty texts tell nothing. */
const textOf = (element: XmlElement, name: string): string | null => {
  const filled = childrenOf(element, name).filter(({ text }) => text !== "")
  return filled.at(-1)?.text ?? null
}
