/**
 * The one JSON text of a value: field names sorted, no white space, integers only, absent fields left out (absent is not null).
 * Throws on what has no canonical form (fractions, -0, functions, undefined in an array): a programming error in a rule's schema.
 *
 * Field names must be ASCII, so that every sort order agrees.
 */
export const canonicalJson = (value: unknown): string => {
  if (value === null || value === true || value === false) return String(value)
  if (typeof value === "string") return JSON.stringify(value)
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value) || Object.is(value, -0))
      throw new TypeError(`no canonical form: the number ${value}`)
    return String(value)
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`
  if (typeof value === "object") return canonicalObject(value)
  throw new TypeError(`no canonical form: a value of type ${typeof value}`)
}

const ascii = /^[ -~]*$/

const canonicalObject = (value: object): string => {
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  for (const [name] of fields) if (!ascii.test(name)) throw new TypeError(`no canonical form: the field name ${name}`)
  fields.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(",")}}`
}
