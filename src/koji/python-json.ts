/** A value that Python's json module can write. An array of pairs would lose nothing: object keys keep their order here too. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | ReadonlyArray<JsonValue>
  | { readonly [key: string]: JsonValue }

/**
 * The text that Python's `json.dumps(value, indent=indent)` gives: everything beyond ASCII as `\uXXXX`.
 * Numbers must be integers; keys keep their order, except that JavaScript puts keys that are array indices first.
 */
export const pythonJson = (value: JsonValue, indent: number): string => asciiOnly(JSON.stringify(value, null, indent))

/** One string as Python's json module writes it, quotes included. */
export const pythonJsonString = (text: string): string => asciiOnly(JSON.stringify(text))

const asciiOnly = (json: string): string =>
  json.replace(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)
