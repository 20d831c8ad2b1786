import { bytesOf } from "../xml-text.ts"
import { type XmlElement, xmlTreeText } from "../xml-tree.ts"
import type { Advisory, AdvisoryCollection, AdvisoryPackage } from "./advisory.ts"

/** updateinfo.xml, byte for byte as createrepo_c prints it. */
export const updateinfoXml = (advisories: ReadonlyArray<Advisory>): Uint8Array =>
  bytesOf(
    `<?xml version="1.0" encoding="UTF-8"?>\n${xmlTreeText(parent("updates", {}, advisories.map(advisoryElement)))}`
  )

const advisoryElement = (advisory: Advisory): XmlElement => {
  const { from, status, type, version } = advisory
  return parent("update", { from, status, type, version }, [
    ...leaf("id", advisory.id),
    ...leaf("title", advisory.title),
    ...dated("issued", advisory.issued),
    ...dated("updated", advisory.updated),
    ...leaf("rights", advisory.rights),
    ...leaf("release", advisory.release),
    ...leaf("pushcount", advisory.pushcount),
    ...leaf("severity", advisory.severity),
    ...leaf("summary", advisory.summary),
    ...leaf("description", advisory.description),
    ...leaf("solution", advisory.solution),
    ...flag("reboot_suggested", advisory.rebootSuggested),
    parent(
      "references",
      {},
      advisory.references.map(({ href, id, type, title }) => parent("reference", { href, id, type, title }, []))
    ),
    parent("pkglist", {}, advisory.collections.map(collectionElement))
  ])
}

const collectionElement = ({ module, name, packages, short }: AdvisoryCollection): XmlElement =>
  parent("collection", { short }, [
    ...leaf("name", name),
    ...(module === null
      ? []
      : [
          parent(
            "module",
            {
              name: module.name,
              stream: module.stream,
              version: module.version,
              context: module.context,
              arch: module.arch
            },
            []
          )
        ]),
    ...packages.map(packageElement)
  ])

const packageElement = (listed: AdvisoryPackage): XmlElement => {
  const { arch, epoch, name, release, src, sum, version } = listed
  return parent("package", { name, version, release, epoch, arch, src }, [
    ...leaf("filename", listed.filename),
    ...(sum === null ? [] : [{ ...element("sum", { type: sum.type }), text: sum.value }]),
    ...flag("reboot_suggested", listed.rebootSuggested),
    ...flag("restart_suggested", listed.restartSuggested),
    ...flag("relogin_suggested", listed.reloginSuggested)
  ])
}

/** Those that are there, in the order in which they are written down. */
type Attributes = Readonly<Record<string, string | null>>

const element = (name: string, attributes: Attributes): XmlElement => ({
  name,
  attributes: Object.fromEntries(
    Object.entries(attributes).flatMap(([key, value]) => (value === null ? [] : [[key, value]]))
  ),
  children: [],
  text: ""
})

const parent = (name: string, attributes: Attributes, children: ReadonlyArray<XmlElement>): XmlElement => ({
  ...element(name, attributes),
  children
})

const leaf = (name: string, text: string | null): ReadonlyArray<XmlElement> =>
  text === null ? [] : [{ ...element(name, {}), text }]

const dated = (name: string, date: string | null): ReadonlyArray<XmlElement> =>
  date === null ? [] : [element(name, { date })]

const flag = (name: string, set: boolean): ReadonlyArray<XmlElement> => (set ? leaf(name, "True") : [])
