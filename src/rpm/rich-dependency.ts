import { Either } from "effect"
import type { Dependency, Relation } from "./dependency.ts"

/** A boolean dependency, as `(a if b else c)`. */
export type RichDependency =
  | { readonly _tag: "Plain"; readonly dependency: Dependency }
  | { readonly _tag: "All"; readonly parts: Parts }
  | { readonly _tag: "Any"; readonly parts: Parts }
  /** One package that is all of these. */
  | { readonly _tag: "With"; readonly parts: Parts }
  /** One package that is the first and none of the others. */
  | { readonly _tag: "Without"; readonly parts: Parts }
  | ({ readonly _tag: "If" } & Conditional)
  | ({ readonly _tag: "Unless" } & Conditional)

type Parts = readonly [RichDependency, ...ReadonlyArray<RichDependency>]

interface Conditional {
  readonly then: RichDependency
  readonly condition: RichDependency
  readonly otherwise: RichDependency | null
}

/** Whether a dependency's name is a boolean expression. */
export const isRich = (name: string): boolean => name.startsWith("(")

/** Reads a boolean dependency; a Left says what is wrong. Source: rpm's documentation of boolean dependencies. */
export const parseRich = (text: string): Either.Either<RichDependency, string> => {
  const words = wordsOf(text)
  let at = 0
  const bad = (reason: string) => Either.left(`${text} is no boolean dependency: ${reason}`)
  const expression = (depth: number): Either.Either<RichDependency, string> =>
    Either.gen(function* () {
      if (depth > deepest) return yield* bad("it is nested too deep")
      if (words[at] !== "(") return yield* plain()
      at += 1
      const parts: [RichDependency, ...Array<RichDependency>] = [yield* expression(depth + 1)]
      const operator = words[at]
      if (operator === ")") {
        at += 1
        return parts[0]
      }
      const tag = operator === undefined ? undefined : operators.get(operator)
      if (operator === undefined || tag === undefined) return yield* bad(`${operator ?? "nothing"} is no operator`)
      while (words[at] === operator) {
        at += 1
        parts.push(yield* expression(depth + 1))
        if (tag === "If" || tag === "Unless") break
      }
      let otherwise: RichDependency | null = null
      if ((tag === "If" || tag === "Unless") && words[at] === "else") {
        at += 1
        otherwise = yield* expression(depth + 1)
      }
      if (words[at] !== ")") return yield* bad("a parenthesis is not closed, or operators are mixed")
      at += 1
      if (tag !== "If" && tag !== "Unless") return { _tag: tag, parts }
      const [then, condition] = parts
      return condition === undefined
        ? yield* bad("a condition is missing")
        : ({ _tag: tag, then, condition, otherwise } as const)
    })
  const plain = (): Either.Either<RichDependency, string> => {
    const name = words[at] ?? ""
    if (name === "" || name === ")" || operators.has(name)) return bad("a name is missing")
    at += 1
    const relation = relations.get(words[at] ?? "")
    if (relation === undefined) return Either.right({ _tag: "Plain", dependency: { name, range: null } })
    const evr = words[at + 1] ?? ""
    at += 2
    return evr === "" || evr === ")"
      ? bad("a version is missing")
      : Either.right({ _tag: "Plain", dependency: { name, range: { relation, ...evrOf(evr) } } })
  }
  return Either.filterOrLeft(
    expression(0),
    () => at === words.length,
    () => `${text} is no boolean dependency: something follows it`
  )
}

/** As rpm allows. */
const deepest = 32

/** Parentheses that belong to a name, as in `pkgconfig(x)`, are balanced within it. */
const wordsOf = (text: string): ReadonlyArray<string> => {
  const words: Array<string> = []
  let word = ""
  let open = 0
  const end = (): void => {
    if (word !== "") words.push(word)
    word = ""
    open = 0
  }
  for (const character of text) {
    if (character === " " && open === 0) end()
    else if (character === "(" && word === "") words.push("(")
    else if (character === ")" && open === 0) {
      end()
      words.push(")")
    } else {
      if (character === "(") open += 1
      if (character === ")") open -= 1
      word += character
    }
  }
  end()
  return words
}

const operators: ReadonlyMap<string, "All" | "Any" | "With" | "Without" | "If" | "Unless"> = new Map([
  ["and", "All"],
  ["or", "Any"],
  ["with", "With"],
  ["without", "Without"],
  ["if", "If"],
  ["unless", "Unless"]
])

const relations: ReadonlyMap<string, Relation> = new Map([
  ["=", "EQ"],
  ["<", "LT"],
  ["<=", "LE"],
  [">", "GT"],
  [">=", "GE"]
])

const evrOf = (text: string) => {
  const [, epoch = null, version = "", release = null] = /^(?:(\d+):)?(.*?)(?:-([^-]*))?$/.exec(text) ?? []
  return { epoch, version, release }
}
