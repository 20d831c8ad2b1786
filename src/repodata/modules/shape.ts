import { isList, isMap, scalarText, type YamlMap, type YamlNode } from "./yaml-node.ts"
import { keyText, MAX_KEY } from "./yaml-writer.ts"

/** What stands at a place of a document, and so in which form it is written. */
export type Shape =
  | { readonly _tag: "Text" }
  /** An unsigned integer of 64 bits. */
  | { readonly _tag: "Count" }
  /** A signed one. */
  | { readonly _tag: "Number" }
  | { readonly _tag: "Flag" }
  /** Texts, of which neither order nor number of times counts; one may stand without a list around it, as libmodulemd has it. */
  | { readonly _tag: "Words" }
  | { readonly _tag: "List"; readonly of: Shape }
  | { readonly _tag: "MapOf"; readonly of: Shape }
  | Fields
  /** Whatever it is. */
  | { readonly _tag: "Any" }

/** Known fields, in the order in which they are written; others come behind them, by name. */
export interface Fields {
  readonly _tag: "Fields"
  readonly of: Readonly<Record<string, Shape>>
  readonly required: ReadonlyArray<string>
}

export const text: Shape = { _tag: "Text" }
export const count: Shape = { _tag: "Count" }
export const number: Shape = { _tag: "Number" }
export const flag: Shape = { _tag: "Flag" }
export const words: Shape = { _tag: "Words" }
export const any: Shape = { _tag: "Any" }
export const list = (of: Shape): Shape => ({ _tag: "List", of })
export const mapOf = (of: Shape): Shape => ({ _tag: "MapOf", of })
export const fields = (of: Fields["of"], required: ReadonlyArray<string> = []): Fields => ({
  _tag: "Fields",
  of,
  required
})

/** Told of what does not fit, with the path of its place, as `data.version`. */
export type ReportProblem = (field: string, problem: string) => void

/** The node in the one form of its shape: keys in order, words sorted and each once, numbers without quotes, texts as texts. */
export const shaped = (shape: Shape, node: YamlNode, field: string, report: ReportProblem): YamlNode => {
  const misfit = (wanted: string): YamlNode => {
    report(field, `is ${described(node)}, not ${wanted}`)
    return ""
  }
  const scalar = scalarText(node)
  switch (shape._tag) {
    case "Text":
      return scalar ?? misfit("a text")
    case "Count":
      return scalar !== undefined && /^\d{1,30}$/.test(scalar) && BigInt(scalar) < 2n ** 64n
        ? { plain: BigInt(scalar).toString() }
        : misfit("an unsigned integer of 64 bits")
    case "Number":
      // old versions of libmodulemd wrote -1 as 18446744073709551615
      return scalar !== undefined && /^-?\d{1,20}$/.test(scalar)
        ? { plain: BigInt.asIntN(64, BigInt(scalar)).toString() }
        : misfit("an integer")
    case "Flag":
      return scalar !== undefined && /^(?:true|false)$/i.test(scalar)
        ? { plain: scalar.toLowerCase() }
        : misfit("true or false")
    case "Words": {
      if (scalar === undefined && !isList(node)) return misfit("a list of texts")
      const items = isList(node) ? node : [node].filter(() => scalar !== "")
      const read = items.map((item, at) => shaped(text, item, `${field}[${at}]`, report))
      return [...new Set(read.map((word) => scalarText(word) ?? ""))].sort(bytewise)
    }
    case "List":
      return isList(node) ? node.map((item, at) => shaped(shape.of, item, `${field}[${at}]`, report)) : misfit("a list")
    case "MapOf":
      return isMap(node) ? sortedMap(node, () => shape.of, field, report) : misfit("a map")
    case "Fields":
      return isMap(node) ? inOrder(shape, node, field, report) : misfit("a map")
    case "Any":
      if (isMap(node)) return sortedMap(node, () => any, field, report)
      return isList(node) ? node.map((item, at) => shaped(any, item, `${field}[${at}]`, report)) : node
  }
}

export const bytewise = (a: string, b: string): number => (a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b)))

const inOrder = (shape: Fields, node: YamlMap, field: string, report: ReportProblem): YamlMap => {
  const { entries } = sortedMap(
    node,
    (key) => (Object.hasOwn(shape.of, key) ? shape.of[key] : undefined) ?? any,
    field,
    report
  )
  const present = new Map(entries)
  for (const key of shape.required) if (!present.has(key)) report(within(field, key), "is missing")
  const known = Object.keys(shape.of)
  return {
    entries: [
      ...known.flatMap((key) => entries.filter(([name]) => name === key)),
      ...entries.filter(([name]) => !Object.hasOwn(shape.of, name))
    ]
  }
}

const sortedMap = (node: YamlMap, shapeOf: (key: string) => Shape, field: string, report: ReportProblem): YamlMap => {
  for (const [key] of node.entries) {
    if (Buffer.byteLength(keyText(key)) > MAX_KEY) report(field, `has a key longer than ${MAX_KEY} bytes`)
  }
  return {
    entries: node.entries
      .map(([key, value]) => [key, shaped(shapeOf(key), value, within(field, key), report)] as const)
      .sort(([a], [b]) => bytewise(a, b))
  }
}

const within = (field: string, key: string): string => (field === "" ? key : `${field}.${key}`)

const described = (node: YamlNode): string => {
  if (isMap(node)) return "a map"
  if (isList(node)) return "a list"
  const scalar = scalarText(node) ?? ""
  return scalar === "" ? "empty" : JSON.stringify(scalar.length > 60 ? `${scalar.slice(0, 60)}…` : scalar)
}
