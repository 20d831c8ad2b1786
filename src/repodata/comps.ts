import { Either } from "effect"
import { BadXml } from "./xml-reader.ts"
import { bytesOf } from "./xml-text.ts"
import { readXmlTree, type XmlElement, xmlTreeText } from "./xml-tree.ts"

/** A comps file for one repository, and what people should know of it. */
export interface CompsFiltered {
  readonly content: Uint8Array
  readonly warnings: ReadonlyArray<string>
}

/** What a comps file is limited to. */
export interface CompsFilter {
  /** An element that names arches is for these only. */
  readonly arches: ReadonlyArray<string>
  /** Names of packages, the only ones that groups keep; null keeps all. */
  readonly packages: ReadonlySet<string> | null
}

/**
 * Limits a comps file to a repository, and prints it in one form. Elements for other arches go, and with `packages` those packages that
 * the repository does not hold and groups that are left without any; then what named such a group, and categories and environments
 * that are left without groups. Names marked for translators (`_name`) become names. The arches of langpacks, of the blacklist
 * and of whiteouts are theirs.
 */
export const filterComps = (bytes: Uint8Array, filter: CompsFilter): Either.Either<CompsFiltered, BadXml> =>
  Either.flatMap(readXmlTree(bytes), (document) => {
    if (document.name !== "comps") {
      return Either.left(new BadXml({ reason: `its root is ${document.name}, not comps` }))
    }
    const root = ofArches(tidy(document), filter.arches)
    const absent = new Set(namesIn(root).filter((name) => filter.packages?.has(name) === false))
    const groups = filter.packages === null ? root : withoutEmptyGroups(withoutPackages(root, absent))
    const gone = new Set(idsOf(document).filter((id) => !idsOf(groups).includes(id)))
    const comps = withoutReferences(groups, gone)
    return Either.right({
      content: bytesOf(`${HEAD}${xmlTreeText(comps)}`),
      warnings: [
        ...told(absent, "packages that the repository does not hold are left out of comps groups"),
        ...told(gone, "comps groups that have nothing in the repository are left out")
      ]
    })
  })

const HEAD =
  '<?xml version="1.0" encoding="UTF-8"?>\n' +
  '<!DOCTYPE comps PUBLIC "-//Red Hat, Inc.//DTD Comps info//EN" "comps.dtd">\n'

/** Without the blanks that only lay it out, and without the marks for translators. */
const tidy = (element: XmlElement): XmlElement => ({
  name: element.name.replace(/^_/, ""),
  attributes: element.attributes,
  children: element.children.map(tidy),
  text: element.text.trim() === "" ? "" : element.text
})

const ofArches = (element: XmlElement, arches: ReadonlyArray<string>): XmlElement => ({
  ...element,
  children: element.children
    .filter(({ attributes: { arch } }) => arch === undefined || isOf(arch, arches))
    .map(({ attributes: { arch: _, ...attributes }, ...child }) =>
      ownArches.has(child.name) ? { ...child, attributes } : ofArches({ ...child, attributes }, arches)
    )
})

const ownArches: ReadonlySet<string> = new Set(["langpacks", "blacklist", "whiteout"])

const isOf = (list: string, arches: ReadonlyArray<string>): boolean => {
  const named = list.split(/[\s,]+/).filter((arch) => arch !== "")
  return named.length === 0 || named.some((arch) => arches.includes(arch))
}

/** Changes the children of all elements of a name, wherever they are; undefined leaves one out. */
const changed = (
  element: XmlElement,
  names: ReadonlyArray<string>,
  change: (child: XmlElement) => XmlElement | undefined
): XmlElement => ({
  ...element,
  children: element.children.flatMap((child) => {
    const inner = changed(child, names, change)
    return names.includes(child.name) ? (change(inner) ?? []) : inner
  })
})

const withoutPackages = (root: XmlElement, absent: ReadonlySet<string>): XmlElement =>
  changed(root, ["packagereq"], (request) => (absent.has(request.text.trim()) ? undefined : request))

const withoutEmptyGroups = (root: XmlElement): XmlElement =>
  changed(root, ["group"], (group) => (within(group, "packagereq").length === 0 ? undefined : group))

/** What lost all its groups goes; what had none before stays. */
const withoutReferences = (root: XmlElement, gone: ReadonlySet<string>): XmlElement =>
  changed(root, ["category", "environment"], (holder) => {
    const kept = changed(holder, ["groupid"], (id) => (gone.has(id.text.trim()) ? undefined : id))
    return within(holder, "groupid").length > 0 && within(kept, "groupid").length === 0 ? undefined : kept
  })

const namesIn = (root: XmlElement): ReadonlyArray<string> => within(root, "packagereq").map(({ text }) => text.trim())

const idsOf = (root: XmlElement): ReadonlyArray<string> =>
  root.children
    .filter(({ name }) => name === "group")
    .flatMap(({ children }) => children.filter(({ name }) => name === "id").map(({ text }) => text.trim()))

/** All elements of a name below this one. */
const within = (element: XmlElement, name: string): ReadonlyArray<XmlElement> =>
  element.children.flatMap((child) => [...(child.name === name ? [child] : []), ...within(child, name)])

const told = (names: ReadonlySet<string>, what: string): ReadonlyArray<string> => {
  const sorted = [...names].sort()
  const more = sorted.length > MAX_TOLD ? ` and ${sorted.length - MAX_TOLD} more` : ""
  return sorted.length === 0 ? [] : [`${what}: ${sorted.slice(0, MAX_TOLD).join(", ")}${more}`]
}

const MAX_TOLD = 10
