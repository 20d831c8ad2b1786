/**
 * YAML as module metadata uses it: texts, lists and maps, no anchors. It is JSON as it is, and so can be stored between the steps of an
 * export.
 */
export type YamlNode = string | PlainScalar | ReadonlyArray<YamlNode> | YamlMap

/** A scalar that stands without quotes and that readers with types take for a number, a boolean, a date or nothing: `8`, `TRUE`, ``. */
interface PlainScalar {
  readonly plain: string
}

/** Keys in their order, each once. */
export interface YamlMap {
  readonly entries: ReadonlyArray<readonly [key: string, value: YamlNode]>
}

export const isMap = (node: YamlNode | undefined): node is YamlMap =>
  typeof node === "object" && "entries" in node && !isList(node)

export const isList = (node: YamlNode | undefined): node is ReadonlyArray<YamlNode> => Array.isArray(node)

/** The text of a scalar, quoted or not; undefined for all else. */
export const scalarText = (node: YamlNode | undefined): string | undefined => {
  if (typeof node === "string") return node
  return typeof node === "object" && "plain" in node ? node.plain : undefined
}

/** What stands below these keys, one in the other. */
export const nodeAt = (node: YamlNode | undefined, ...keys: ReadonlyArray<string>): YamlNode | undefined =>
  keys.reduce<YamlNode | undefined>(
    (at, key) => (isMap(at) ? at.entries.find(([name]) => name === key)?.[1] : undefined),
    node
  )

/** Whether a reader with types, of YAML 1.1 or 1.2, would take this text for no text if it stood without quotes. */
export const isTyped = (text: string): boolean =>
  WORDS.test(text) || NUMBER.test(text) || SEXAGESIMAL.test(text) || DATE.test(text)

const WORDS = /^(?:|~|null|y|n|yes|no|on|off|true|false|[-+]?\.inf|\.nan|=|<<)$/i
const NUMBER = /^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[\da-f_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:e[-+]?\d+)?)$/i
const SEXAGESIMAL = /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/
const DATE = /^\d{4}-\d\d?-\d\d?(?:$|[Tt\s])/
