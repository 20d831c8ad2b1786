import { Either } from "effect"
import type { Json } from "../../hub/model.ts"
import { UsageError } from "../frame/usage-error.ts"

/**
 * The extra values of `-x KEY=VALUE` words. As with Koji's commands, a value is an integer, else a float, else True,
 * False or None, else (with `json`) JSON, else text, so that a key id of digits only becomes a number unless it is quoted.
 * Unlike Koji, numbers that JSON cannot hold are refused: `47e80123`, a key id, would be infinite.
 */
export const extraValues = (
  words: ReadonlyArray<string>,
  { json }: { readonly json: boolean }
): Either.Either<Readonly<Record<string, Json>>, UsageError> =>
  Either.gen(function* () {
    const values = new Map<string, Json>()
    for (const word of words) {
      const equals = word.indexOf("=")
      if (equals < 1) return yield* misuse(`Extra values are KEY=VALUE, which '${word}' is not`)
      const key = word.slice(0, equals)
      if (values.has(key)) return yield* misuse(`Duplicate extra key: ${key}`)
      values.set(key, yield* extraValue(key, word.slice(equals + 1), json))
    }
    return Object.fromEntries(values)
  })

/** Warnings about words of which Koji's rule makes numbers though they look like key ids. */
export const keyIdWarnings = (words: ReadonlyArray<string>): ReadonlyArray<string> =>
  words.flatMap((word) => {
    const [, key, value] = /^([^=]+)=(\d{8})$/.exec(word) ?? []
    if (value === undefined) return []
    return [`${key} is now a number. If ${value} is a key id, store it as text: edit-tag -x '${key}="${value}"'`]
  })

const extraValue = (key: string, text: string, json: boolean): Either.Either<Json, UsageError> => {
  const trimmed = text.trim()
  const number = Number(trimmed.replaceAll("_", ""))
  if (INTEGER.test(trimmed)) return Number.isSafeInteger(number) ? Either.right(number) : unstorable(key, text)
  if (FLOAT.test(trimmed)) return Number.isFinite(number) ? Either.right(number) : unstorable(key, text)
  if (NOT_FINITE.test(trimmed)) return unstorable(key, text)
  const word = WORDS.get(text)
  if (word !== undefined) return Either.right(word)
  return Either.right((json ? parsed(text) : undefined) ?? text)
}

const misuse = (reason: string) => Either.left(new UsageError({ reason }))

const unstorable = (key: string, text: string) =>
  misuse(
    `The value ${text} of ${key} would be read as a number that cannot be stored. For text, use edit-tag -x '${key}="${text}"'`
  )

const WORDS = new Map<string, Json>([
  ["True", true],
  ["False", false],
  ["None", null]
])

// what Python's int() and float() take
const DIGITS = "\\d(?:_?\\d)*"
const INTEGER = new RegExp(`^[+-]?${DIGITS}$`)
const FLOAT = new RegExp(`^[+-]?(?:${DIGITS}\\.?(?:${DIGITS})?|\\.${DIGITS})(?:e[+-]?${DIGITS})?$`, "i")
const NOT_FINITE = /^[+-]?(?:inf|infinity|nan)$/i

const parsed = (text: string): Json | undefined => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
