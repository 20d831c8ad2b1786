import { Data, Either } from "effect"

/** A package filter of an inheritance link that cannot be used. */
export class BadPackageFilter extends Data.TaggedError("BadPackageFilter")<{
  readonly pattern: string
  readonly reason: string
}> {
  override get message(): string {
    return `the package filter ${JSON.stringify(this.pattern)} ${this.reason}`
  }
}

/**
 * Reads a link's package filter: a Python regular expression that must match at the start of the package name, not up
 * to its end. The syntax that Python has and JavaScript has not is translated (`(?P<n>…)`, `(?P=n)`, `\A`, `\Z`, `(?#…)`,
 * leading `(?i)` and its like); what cannot be translated, and what would take exponential time, is a `BadPackageFilter`.
 * Source: Koji's `re.match` over `pkg_filter`.
 */
export const packageFilter = (pattern: string): Either.Either<(name: string) => boolean, BadPackageFilter> => {
  const refuse = (reason: string) => Either.left(new BadPackageFilter({ pattern, reason }))
  if (pattern.length > 1000) return refuse("is longer than 1000 characters")
  const translated = translate(pattern)
  if (Either.isLeft(translated)) return refuse(translated.left)
  if (repeatsARepetition(translated.right.source)) {
    return refuse(
      "repeats a group that itself repeats, which may take for ever; write it without the inner or the outer repetition"
    )
  }
  return Either.try({
    try: () => {
      const { source, flags } = translated.right
      const expression = new RegExp(`^(?:${source})`, flags)
      return (name: string) => expression.test(name)
    },
    catch: (cause) =>
      new BadPackageFilter({ pattern, reason: `cannot be read: ${cause instanceof Error ? cause.message : cause}` })
  })
}

interface Translation {
  readonly source: string
  readonly flags: string
}

/** Flags that may open a Python pattern, and JavaScript's letter. `u` and `a` say nothing about package names. */
const flagLetters: ReadonlyMap<string, string> = new Map([
  ["i", "i"],
  ["m", "m"],
  ["s", "s"],
  ["u", ""],
  ["a", ""]
])

const translate = (pattern: string): Either.Either<Translation, string> => {
  const opening = /^\(\?([a-zA-Z]+)\)/.exec(pattern)
  let flags = ""
  for (const letter of opening?.[1] ?? "") {
    const flag = flagLetters.get(letter)
    if (flag === undefined) return Either.left(`uses the flag (?${letter}), which is not supported`)
    if (!flags.includes(flag)) flags += flag
  }
  let source = ""
  let at = opening?.[0].length ?? 0
  let inClass = false
  while (at < pattern.length) {
    const rest = pattern.slice(at)
    const token = inClass ? nextInClass(rest) : next(rest)
    if (token === undefined) return Either.left(`uses ${JSON.stringify(rest.slice(0, 3))}, which is not supported`)
    const [length, text] = token
    const first = rest.charAt(0)
    if (!inClass && first === "[") inClass = true
    else if (inClass && first === "]") inClass = false
    source += text
    at += length
  }
  return Either.right({ source, flags })
}

type Token = readonly [length: number, text: string]

/** Escapes that mean the same in both languages: character classes and characters written as themselves. */
const sharedEscape = /^\\(?:[bBdDsSwWtnrfv0]|[^a-zA-Z0-9]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4})/

/** One token outside a character class, undefined where JavaScript has nothing of the kind. */
const next = (rest: string): Token | undefined => {
  const named = /^\(\?P<([A-Za-z_]\w*)>/.exec(rest)
  if (named) return [named[0].length, `(?<${named[1]}>`]
  const reference = /^\(\?P=([A-Za-z_]\w*)\)/.exec(rest)
  if (reference) return [reference[0].length, `\\k<${reference[1]}>`]
  const comment = /^\(\?#[^)]*\)/.exec(rest)
  if (comment) return [comment[0].length, ""]
  if (rest.startsWith("(?")) return /^\(\?(?:[:=!]|<[=!])/.test(rest) ? [2, "(?"] : undefined
  if (rest.startsWith("\\A")) return [2, "(?<![^])"]
  if (rest.startsWith("\\Z")) return [2, "(?![^])"]
  // a class may begin with "]", which is then a member of it: JavaScript wants it escaped
  const literalBracket = /^\[(\^?)\]/.exec(rest)
  if (literalBracket) return [literalBracket[0].length, `[${literalBracket[1]}\\]`]
  if (rest.startsWith("$")) return [1, "(?=\\n?(?![^]))"]
  // JavaScript takes "{,3}" for four characters, Python for "at most 3"
  const upTo = /^\{,(\d+)\}/.exec(rest)
  if (upTo) return [upTo[0].length, `{0,${upTo[1]}}`]
  // possessive and atomic forms
  if (/^(?:[*+?]|\{\d*,?\d*\})\+/.test(rest)) return undefined
  const backReference = /^\\[1-9]\d?/.exec(rest)
  if (backReference) return [backReference[0].length, backReference[0]]
  return rest.startsWith("\\") ? escaped(rest) : [1, rest.charAt(0)]
}

const nextInClass = (rest: string): Token | undefined => (rest.startsWith("\\") ? escaped(rest) : [1, rest.charAt(0)])

const escaped = (rest: string): Token | undefined => {
  if (rest.startsWith("\\a")) return [2, "\\x07"]
  const shared = sharedEscape.exec(rest)
  return shared ? [shared[0].length, shared[0]] : undefined
}

/**
 * True where an unbounded repetition stands inside a group that is itself repeated without bound: `(a+)+`, `(a*|b)*`.
 * A filter is run against every package name of a tag, so one that backtracks exponentially would stop an export.
 */
const repeatsARepetition = (source: string): boolean => {
  const unbounded = (text: string): boolean => /^(?:[*+]|\{\d+,\})/.test(text)
  const groups: Array<boolean> = []
  let inClass = false
  let repeated = false
  for (let at = 0; at < source.length; at++) {
    const char = source.charAt(at)
    if (char === "\\") {
      at++
    } else if (inClass) {
      inClass = char !== "]"
    } else if (char === "[") {
      inClass = true
    } else if (char === "(") {
      groups.push(repeated)
      repeated = false
    } else if (char === ")") {
      if (repeated && unbounded(source.slice(at + 1))) return true
      repeated = (groups.pop() ?? false) || repeated
    } else if (unbounded(source.slice(at))) {
      repeated = true
    }
  }
  return false
}
