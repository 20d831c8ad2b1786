import { Either } from "effect"

/** A regular expression as a tree, as far as it matters which texts it matches: groups capture nothing. */
export type Pattern =
  | Test
  | { readonly kind: "sequence"; readonly parts: ReadonlyArray<Pattern> }
  | { readonly kind: "choice"; readonly options: ReadonlyArray<Pattern> }
  | { readonly kind: "repetition"; readonly of: Pattern; readonly min: number; readonly max: number }

/** What holds at a place in the text or does not; only a character goes on to the next place. */
export type Test =
  | { readonly kind: "character"; readonly is: (character: string) => boolean }
  | { readonly kind: "place"; readonly is: (text: string, at: number) => boolean }
  /** What follows does, or does not, match. */
  | { readonly kind: "ahead"; readonly of: Pattern; readonly wanted: boolean }
  /** The `width` characters before do, or do not, match. */
  | { readonly kind: "behind"; readonly of: Pattern; readonly wanted: boolean; readonly width: number }

/**
 * Reads a regular expression of Python's `re`; a Left says what is wrong with it or not supported: back references (there
 * is no way to match them in bounded time), conditions, atomic groups, possessive repetitions, flags elsewhere than at the
 * start, and the flags L and x. Classes such as `\w` mean their ASCII members. Source: Python's re, regular expression syntax.
 */
export const readPattern = (text: string): Either.Either<Pattern, string> =>
  Either.gen(function* () {
    const opening = /^\(\?([a-zA-Z]+)\)/.exec(text)
    const flags = opening?.[1] ?? ""
    const unknown = [...flags].find((flag) => !"imsua".includes(flag))
    if (unknown !== undefined) return yield* Either.left(`uses the flag (?${unknown}), which is not supported`)
    const reader: Reader = { text, at: opening?.[0].length ?? 0, has: (flag) => flags.includes(flag), names: new Set() }
    const pattern = yield* choice(reader, 0)
    if (reader.at < text.length) return yield* bad("unbalanced parenthesis")
    return pattern
  })

interface Reader {
  readonly text: string
  at: number
  readonly has: (flag: "i" | "m" | "s") => boolean
  /** Of the groups so far. */
  readonly names: Set<string>
}

type Read<A = Pattern> = Either.Either<A, string>

const bad = (why: string): Read<never> => Either.left(`cannot be read: ${why}`)

/** Takes what a sticky expression finds at the reader's place. */
const take = (reader: Reader, expression: RegExp): RegExpExecArray | undefined => {
  expression.lastIndex = reader.at
  const found = expression.exec(reader.text)
  if (found === null) return undefined
  reader.at += found[0].length
  return found
}

/** Alternatives, up to the end or to a parenthesis that closes them. */
const choice = (reader: Reader, depth: number): Read =>
  Either.gen(function* () {
    if (depth > MAX_DEPTH) return yield* Either.left(`nests groups more than ${MAX_DEPTH} deep`)
    const options = [yield* sequence(reader, depth)]
    while (take(reader, /\|/y)) options.push(yield* sequence(reader, depth))
    return { kind: "choice", options }
  })

/** Far more than anybody writes, and few enough to be walked recursively. */
const MAX_DEPTH = 50

const sequence = (reader: Reader, depth: number): Read =>
  Either.gen(function* () {
    const parts: Array<Pattern> = []
    while (reader.at < reader.text.length && !"|)".includes(reader.text.charAt(reader.at))) {
      if (take(reader, /\(\?#[^)]*\)/y)) continue
      const bounds = yield* repetitionBounds(reader)
      if (bounds === undefined) {
        parts.push(yield* atom(reader, depth))
        continue
      }
      const of = parts.pop()
      if (of === undefined || of.kind === "place") return yield* bad("nothing to repeat")
      if (of.kind === "repetition") return yield* bad("multiple repeat")
      parts.push({ kind: "repetition", of, ...bounds })
    }
    return { kind: "sequence", parts }
  })

/** `*`, `+`, `?` or `{m,n}`, greedy or not, which makes no difference to what matches; undefined where there is none. */
const repetitionBounds = (reader: Reader): Read<{ readonly min: number; readonly max: number } | undefined> => {
  const start = reader.at
  const found = take(reader, /[*+?]|\{(?!\})(\d*)(?:(,)(\d*))?\}/y)
  if (found === undefined) return Either.right(undefined)
  const [sign, low = "", comma, high = ""] = found
  const min = sign === "+" ? 1 : Number(low)
  const max = sign === "?" ? 1 : comma === undefined && low !== "" ? min : high !== "" ? Number(high) : Infinity
  if (min > max) return bad("min repeat greater than max repeat")
  if (take(reader, /\+/y)) return unsupported(reader.text.slice(start, reader.at))
  take(reader, /\?/y)
  return Either.right({ min, max })
}

const unsupported = (what: string): Read<never> => Either.left(`uses ${JSON.stringify(what)}, which is not supported`)

const atom = (reader: Reader, depth: number): Read => {
  const [character = ""] = take(reader, /./sy) ?? []
  switch (character) {
    case "(":
      return group(reader, depth)
    case "[":
      return characterClass(reader)
    case "\\":
      return escaped(reader)
    case ".":
      return Either.right({ kind: "character", is: (found) => reader.has("s") || found !== "\n" })
    case "^":
      return place((text, at) => at === 0 || (reader.has("m") && text[at - 1] === "\n"))
    case "$":
      return place((text, at) => isEnd(text, at) || (text[at] === "\n" && (reader.has("m") || isEnd(text, at + 1))))
    default:
      return Either.right(literal(reader, character))
  }
}

const place = (is: (text: string, at: number) => boolean): Read => Either.right({ kind: "place", is })

const isEnd = (text: string, at: number): boolean => at === text.length

const literal = (reader: Reader, character: string): Pattern => {
  if (!reader.has("i")) return { kind: "character", is: (found) => found === character }
  const folded = character.toLowerCase()
  return { kind: "character", is: (found) => found.toLowerCase() === folded }
}

/** The rest of a group whose parenthesis was taken. */
const group = (reader: Reader, depth: number): Read =>
  Either.gen(function* () {
    const start = reader.at - 1
    const [kind = ""] = take(reader, /\?(?:[:=!]|<[=!]|P<[A-Za-z_]\w*>)/y) ?? []
    if (kind === "" && reader.text[reader.at] === "?") {
      return yield* unsupported(reader.text.slice(start, start + 4))
    }
    if (kind.startsWith("?P")) {
      if (reader.names.has(kind)) return yield* bad("redefinition of a group's name")
      reader.names.add(kind)
    }
    const of = yield* choice(reader, depth + 1)
    if (!take(reader, /\)/y)) return yield* bad("missing ), unterminated subpattern")
    const wanted = kind.endsWith("=")
    switch (kind) {
      case "?=":
      case "?!":
        return { kind: "ahead", of, wanted }
      case "?<=":
      case "?<!": {
        const width = widthOf(of)
        return width === undefined
          ? yield* bad("look-behind requires fixed-width pattern")
          : { kind: "behind", of, wanted, width }
      }
      default:
        return of
    }
  })

/** How many characters a pattern always takes; undefined where that varies. */
const widthOf = (pattern: Pattern): number | undefined => {
  switch (pattern.kind) {
    case "character":
      return 1
    case "place":
    case "ahead":
    case "behind":
      return 0
    case "sequence": {
      const widths = pattern.parts.map(widthOf)
      return widths.reduce((sum, width) => (sum === undefined || width === undefined ? undefined : sum + width), 0)
    }
    case "choice": {
      const [first, ...others] = pattern.options.map(widthOf)
      return others.every((width) => width === first) ? first : undefined
    }
    case "repetition": {
      const width = widthOf(pattern.of)
      return width === 0 ? 0 : width !== undefined && pattern.min === pattern.max ? width * pattern.min : undefined
    }
  }
}

/** The rest of a class whose bracket was taken. A bracket that comes first is a member. JavaScript judges one character by it. */
const characterClass = (reader: Reader): Read => {
  const [, not = "", bracket = "", members = ""] = take(reader, /(\^?)(\]?)((?:\\.|[^\]\\])*)\]/sy) ?? []
  if (bracket + members === "") return bad("unterminated character set")
  const escapes = members.match(/\\.[^\\]{0,4}/gs) ?? []
  const unknown = escapes.find((text) => !CHARACTER_ESCAPE.test(text) && !/^\\[ab]/.test(text))
  if (unknown !== undefined) return unsupported(unknown.slice(0, 2))
  const text = `^[${not}${bracket && "\\]"}${members.replace(/\\./gs, (pair) => (pair === "\\a" ? "\\x07" : pair))}]$`
  return Either.try({
    try: () => {
      const expression = new RegExp(text, reader.has("i") ? "i" : "")
      return { kind: "character", is: (found) => expression.test(found) }
    },
    catch: () => "cannot be read: bad character range"
  })
}

/** Escapes of one character that mean the same in Python and JavaScript. */
const CHARACTER_ESCAPE = /^\\(?:[dDsSwWtnrfv]|0(?!\d)|[^a-zA-Z0-9]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4})/

/** The rest of an escape whose backslash was taken. */
const escaped = (reader: Reader): Read => {
  const rest = reader.text.slice(reader.at - 1)
  if (rest.length === 1) return bad("bad escape (end of pattern)")
  if (take(reader, /A/y)) return place((_, at) => at === 0)
  if (take(reader, /Z/y)) return place(isEnd)
  if (take(reader, /b/y)) return place(isWordBoundary)
  if (take(reader, /B/y)) return place((text, at) => !isWordBoundary(text, at))
  if (take(reader, /a/y)) return Either.right(literal(reader, "\x07"))
  const [found] = CHARACTER_ESCAPE.exec(rest) ?? []
  if (found === undefined) return unsupported(rest.slice(0, 2))
  reader.at += found.length - 1
  const expression = new RegExp(`^${found}$`, reader.has("i") ? "i" : "")
  return Either.right({ kind: "character", is: (character) => expression.test(character) })
}

const isWordBoundary = (text: string, at: number): boolean =>
  /^\w$/.test(text.charAt(at - 1)) !== /^\w$/.test(text.charAt(at))
