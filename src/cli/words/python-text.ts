import type { Json } from "../../hub/model.ts"

/** A JSON value as Python prints it, which is how Koji shows extra values: `'text'`, `True`, `None`, `{'a': [1, 2.5]}`. */
export const pythonText = (value: Json): string => {
  if (value === null) return "None"
  if (typeof value === "boolean") return value ? "True" : "False"
  if (typeof value === "number") return numberText(value)
  if (typeof value === "string") return stringText(value)
  if (isArray(value)) return `[${value.map(pythonText).join(", ")}]`
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${stringText(key)}: ${pythonText(item)}`).join(", ")}}`
}

const isArray = (value: Json): value is ReadonlyArray<Json> => Array.isArray(value)

const numberText = (value: number): string => {
  const [digits, exponent] = String(value).split("e")
  return exponent === undefined ? String(value) : `${digits}e${exponent.replace(/^([+-])(\d)$/, "$10$2")}`
}

const stringText = (value: string): string => {
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'"
  const escaped = value.replace(/[\\'"\p{C}]/gu, (character) => {
    if (character === quote || character === "\\") return `\\${character}`
    if (character === "'" || character === '"') return character
    return ESCAPES.get(character) ?? hexEscape(character.codePointAt(0) ?? 0)
  })
  return `${quote}${escaped}${quote}`
}

const ESCAPES = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"]
])

const hexEscape = (code: number): string => {
  const hex = code.toString(16)
  if (code < 0x100) return `\\x${hex.padStart(2, "0")}`
  return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`
}
