import { isList, isMap, isTyped, type YamlMap, type YamlNode } from "./yaml-node.ts"

/**
 * A document of a YAML stream, in one form only: blocks indented by two, lists at their key, no line folded, quotes where the text
 * needs them for any reader. What was quoted, or is text by its place, stays text: `"1.10"`.
 */
export const yamlDocument = (root: YamlMap): string =>
  `---\n${root.entries.length === 0 ? "{}\n" : block(root, "")}...\n`

/** The longest key that libyaml reads, in bytes as it is written. */
export const MAX_KEY = 1000

/** How a key is written. */
export const keyText = (key: string): string => (isPlain(key) ? key : quoted(key))

/** Whole lines. */
const block = (node: YamlNode, indent: string): string => {
  if (isMap(node))
    return node.entries.map(([key, value]) => `${indent}${keyText(key)}:${below(value, indent)}`).join("")
  if (isList(node)) return node.map((item) => `${indent}-${beside(item, indent)}`).join("")
  return `${indent}${scalar(node, indent)}\n`
}

/** What is behind a key. */
const below = (node: YamlNode, indent: string): string => {
  if (isEmpty(node)) return isMap(node) ? " {}\n" : " []\n"
  if (isMap(node)) return `\n${block(node, `${indent}  `)}`
  return isList(node) ? `\n${block(node, indent)}` : ` ${scalar(node, indent)}\n`
}

/** What is behind the dash of a list. */
const beside = (node: YamlNode, indent: string): string => {
  if (isEmpty(node)) return isMap(node) ? " {}\n" : " []\n"
  const inner = `${indent}  `
  return isMap(node) || isList(node) ? ` ${block(node, inner).slice(inner.length)}` : ` ${scalar(node, indent)}\n`
}

const isEmpty = (node: YamlNode): boolean =>
  isMap(node) ? node.entries.length === 0 : isList(node) && node.length === 0

const scalar = (node: string | { readonly plain: string }, indent: string): string => {
  if (typeof node !== "string") return node.plain
  if (isPlain(node)) return node
  return node.includes("\n") && isLiteral(node) ? literal(node, indent) : quoted(node)
}

/** Of a text of several lines. Each but empty ones is indented. */
const literal = (text: string, indent: string): string => {
  const ends = text.endsWith("\n")
  const lines = (ends ? text.slice(0, -1) : text).split("\n")
  return `|${ends ? "" : "-"}\n${lines.map((line) => (line === "" ? "" : `${indent}  ${line}`)).join("\n")}`
}

/** Begins and ends with a line that shows, and none of its lines has blanks that show nowhere. */
const isLiteral = (text: string): boolean =>
  PRINTABLE.test(text) && /^[^\s]/.test(text) && /\S\n?$/.test(text) && !/[ \t](?:\n|$)/.test(text)

const isPlain = (text: string): boolean =>
  PRINTABLE.test(text) && PLAIN_START.test(text) && !/[\n\t]|: | #|[\s:]$/.test(text) && !isTyped(text)

const PRINTABLE = /^[\t\n\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]*$/u
/** Or a dash before more text, as in `-f27`. */
const PLAIN_START = /^(?:[^\s\-?:,[\]{}#&*!|>'"%@`]|-[^\s-])/

/** As JSON has it, with all but printable characters as escapes that YAML shares. */
const quoted = (text: string): string =>
  JSON.stringify(text.toWellFormed()).replace(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`
  )
