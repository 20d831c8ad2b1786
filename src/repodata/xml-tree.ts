import { Either } from "effect"
import { BadXml, readXml } from "./xml-reader.ts"
import { byteString, type Report, xmlAttribute, xmlText } from "./xml-text.ts"

/** An element of a document that is small enough to be held as a whole. */
export interface XmlElement {
  /** As it stands, prefix included. */
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: ReadonlyArray<XmlElement>
  /** Its own text, without that of its children. */
  readonly text: string
}

/** Reads a document as the tree of its elements. What nests deeper than 100 is refused. */
export const readXmlTree = (bytes: Uint8Array): Either.Either<XmlElement, BadXml> => {
  const open: Array<OpenElement> = []
  let root: XmlElement | undefined
  let tooDeep = false
  const read = readXml(bytes, {
    open: (name, attributes) => {
      const element: OpenElement = { name, attributes, children: [], text: "" }
      tooDeep ||= open.length >= MAX_DEPTH
      if (!tooDeep) open.at(-1)?.children.push(element)
      root ??= element
      open.push(element)
    },
    text: (text) => {
      const element = open.at(-1)
      if (element !== undefined) element.text += text
    },
    close: () => open.pop()
  })
  return Either.flatMap(read, () =>
    root === undefined || tooDeep
      ? Either.left(new BadXml({ reason: `its elements nest deeper than ${MAX_DEPTH}` }))
      : Either.right(root)
  )
}

/**
 * Prints a tree as libxml2 does with its indentation, as a byte string: of an element with children the text, which is only what stood
 * between them, is left out.
 */
export const xmlTreeText = ({ attributes, children, name, text }: XmlElement, indent = ""): string => {
  const values = Object.entries(attributes).map(
    ([key, value]) => ` ${byteString(key)}="${xmlAttribute(byteString(value), key, ignore)}"`
  )
  const start = `${indent}<${byteString(name)}${values.join("")}`
  const inner =
    children.length === 0
      ? xmlText(byteString(text), name, ignore)
      : `\n${children.map((child) => xmlTreeText(child, `${indent}  `)).join("")}${indent}`
  return inner === "" ? `${start}/>\n` : `${start}>${inner}</${byteString(name)}>\n`
}

/** The children of a name. */
export const childrenOf = (element: XmlElement, name: string): ReadonlyArray<XmlElement> =>
  element.children.filter((child) => child.name === name)

interface OpenElement extends XmlElement {
  readonly children: Array<XmlElement>
  text: string
}

const MAX_DEPTH = 100

/** What was read from XML, or is told by us, is such that XML can hold it. */
const ignore: Report = () => undefined
