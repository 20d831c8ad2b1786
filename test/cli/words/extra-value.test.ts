import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { extraValues, keyIdWarnings } from "../../../src/cli/words/extra-value.ts"

const value = (text: string, json = true) =>
  Either.map(extraValues([`key=${text}`], { json }), (values) => values["key"])

describe("the value of an extra option", () => {
  // Koji 1.35's own conversions, as observed
  it.each([
    ["47dd8ef9", "47dd8ef9"],
    ["12345678", 12345678],
    ["1e10", 10000000000],
    ["00000012", 12],
    ["1_000", 1000],
    ["True", true],
    ["False", false],
    ["None", null],
    ["true", true],
    ['"abc"', "abc"],
    ["[1]", [1]],
    ["12345678 9abcdef0", "12345678 9abcdef0"],
    ['"12345678"', "12345678"],
    ["-5", -5],
    ["1.5", 1.5],
    [".5", 0.5],
    ["dnf", "dnf"],
    ["", ""],
    ["a=b", "a=b"]
  ])("%s is read as edit-tag of Koji reads it", (text, expected) => {
    expect(value(text)).toEqual(Either.right(expected))
  })

  it.each([
    ["true", "true"],
    ['"abc"', '"abc"'],
    ["[1]", "[1]"],
    ["True", true],
    ["12", 12]
  ])("%s is read as add-tag of Koji reads it, without JSON", (text, expected) => {
    expect(value(text, false)).toEqual(Either.right(expected))
  })

  it.each(["47e80123", "inf", "-Infinity", "nan", "12345678901234567890"])(
    "%s is refused: JSON has no such number, or not exactly",
    (text) => {
      expect(Either.flip(value(text)).pipe(Either.getOrThrow).message).toBe(
        `The value ${text} of key would be read as a number that cannot be stored. For text, use edit-tag -x 'key="${text}"'`
      )
    }
  )

  it("needs a key, once", () => {
    expect(Either.isLeft(extraValues(["key"], { json: true }))).toBe(true)
    expect(Either.isLeft(extraValues(["=1"], { json: true }))).toBe(true)
    expect(Either.isLeft(extraValues(["a=1", "a=2"], { json: true }))).toBe(true)
  })

  it("that looks like a key id and becomes a number is warned of", () => {
    expect(keyIdWarnings(["key=12345678", "key=1234", "key=1234567a", 'key="12345678"'])).toEqual([
      `key is now a number. If 12345678 is a key id, store it as text: edit-tag -x 'key="12345678"'`
    ])
  })
})
