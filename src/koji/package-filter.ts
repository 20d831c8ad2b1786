import { Data, Either } from "effect"
import { type Pattern, readPattern, type Test } from "./python-pattern.ts"

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
 * to its end. It is matched without backtracking, so that no filter can take exponential time: all places that a match
 * can have come to are followed at once. What {@link readPattern} does not support is a `BadPackageFilter`, and so are
 * more than 1000 characters and repetitions within repetitions within repetitions within another, each of which may
 * multiply the time by the length of the name. Source: Koji's `re.match` over `pkg_filter`.
 */
export const packageFilter = (pattern: string): Either.Either<(name: string) => boolean, BadPackageFilter> =>
  Either.gen(function* () {
    if (pattern.length > 1000) return yield* Either.left("is longer than 1000 characters")
    const read = yield* readPattern(pattern)
    if (nesting(read) > MAX_NESTING) {
      return yield* Either.left(`repeats repetitions more than ${MAX_NESTING} deep; write it with fewer`)
    }
    return (name: string) => endsOf(read, START, { text: name, tested: new Map() }) !== NONE
  }).pipe(Either.mapLeft((reason) => new BadPackageFilter({ pattern, reason })))

const MAX_NESTING = 3

const nesting = (pattern: Pattern): number => {
  switch (pattern.kind) {
    case "character":
    case "place":
      return 0
    case "ahead":
    case "behind":
      return nesting(pattern.of)
    case "sequence":
      return Math.max(0, ...pattern.parts.map(nesting))
    case "choice":
      return Math.max(0, ...pattern.options.map(nesting))
    case "repetition":
      return 1 + nesting(pattern.of)
  }
}

/** A set of places in the text: bit 0 is that before the first character. */
type Places = bigint
const NONE: Places = 0n
const START: Places = 1n

interface Matching {
  readonly text: string
  /** Of each test the places it was made at, and those of them where it holds: each is made once. */
  readonly tested: Map<Test, { readonly at: Places; readonly holds: Places }>
}

/** Where the matches of a pattern that begin at one of these places can end. */
const endsOf = (pattern: Pattern, starts: Places, matching: Matching): Places => {
  if (starts === NONE) return NONE
  switch (pattern.kind) {
    case "character":
      return holdsAt(pattern, starts, matching) << 1n
    case "place":
    case "ahead":
    case "behind":
      return holdsAt(pattern, starts, matching)
    case "sequence":
      return pattern.parts.reduce((places, part) => endsOf(part, places, matching), starts)
    case "choice":
      return pattern.options.reduce((ends, option) => ends | endsOf(option, starts, matching), NONE)
    case "repetition": {
      // more rounds than the text has places come to nowhere new
      const { length } = matching.text
      let ends = starts
      for (let round = 0; round < Math.min(pattern.min, length + 1); round++) ends = endsOf(pattern.of, ends, matching)
      let fresh = ends
      for (let round = 0; round < pattern.max - pattern.min && fresh !== NONE; round++) {
        fresh = endsOf(pattern.of, fresh, matching) & ~ends
        ends |= fresh
      }
      return ends
    }
  }
}

const holdsAt = (test: Test, places: Places, matching: Matching): Places => {
  const known = matching.tested.get(test) ?? { at: NONE, holds: NONE }
  let { holds } = known
  for (let at = 0, rest = places & ~known.at; rest !== NONE; at++, rest >>= 1n) {
    if ((rest & 1n) !== NONE && passes(test, at, matching)) holds |= placeAt(at)
  }
  matching.tested.set(test, { at: known.at | places, holds })
  return holds & places
}

const passes = (test: Test, at: number, matching: Matching): boolean => {
  const { text } = matching
  switch (test.kind) {
    case "character":
      return at < text.length && test.is(text.charAt(at))
    case "place":
      return test.is(text, at)
    case "ahead":
      return (endsOf(test.of, placeAt(at), matching) !== NONE) === test.wanted
    case "behind": {
      const found = at >= test.width && (endsOf(test.of, placeAt(at - test.width), matching) & placeAt(at)) !== NONE
      return found === test.wanted
    }
  }
}

const placeAt = (at: number): Places => 1n << BigInt(at)
