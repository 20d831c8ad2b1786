import { Either, Match } from "effect"
import { type Dependency, overlaps } from "./dependency.ts"
import { compareEvr } from "./evr.ts"
import { nvra } from "./nevra.ts"
import { isRich, parseRich, type RichDependency } from "./rich-dependency.ts"

/** What a package offers to others and wants of them. */
export interface PackageFacts {
  readonly name: string
  readonly epoch: string
  readonly version: string
  readonly release: string
  readonly arch: string
  readonly provides: ReadonlyArray<Dependency>
  readonly requires: ReadonlyArray<Dependency>
  readonly recommends: ReadonlyArray<Dependency>
  /** Paths of all its files and directories. */
  readonly files: ReadonlyArray<string>
}

/** A package that is wanted, and the words for why. */
export interface Wanted {
  readonly package: PackageFacts
  readonly reason: string
}

/** What some packages cannot do without. */
export interface Closure {
  /** The roots, then what they need, in the order in which it was found. */
  readonly needed: ReadonlyArray<Wanted>
  /** What is required and nobody provides, in words; each once. */
  readonly unresolved: ReadonlyArray<string>
}

/**
 * The packages that some need, directly or not, among those of one repository: what they require, and what they recommend where it is
 * there. Where several packages provide what is wanted, one that is needed anyway is taken, else the one that bears the name, else
 * the newest. Conflicts are not looked at.
 */
export const dependencyClosure = (packages: ReadonlyArray<PackageFacts>, roots: ReadonlyArray<Wanted>): Closure => {
  const providers = indexOf(packages)
  const needed = new Map<PackageFacts, Wanted>()
  const unresolved = new Set<string>()
  const waiting: Array<Wanted> = []
  /** `(a if b)`, to be looked at again when more is needed. */
  const conditional: Array<{ readonly of: PackageFacts; readonly text: string; readonly rich: RichDependency }> = []

  const take = (wanted: Wanted): void => {
    if (needed.has(wanted.package)) return
    needed.set(wanted.package, wanted)
    waiting.push(wanted)
  }
  const candidates = (rich: RichDependency): ReadonlyArray<PackageFacts> =>
    Match.value(rich).pipe(
      Match.discriminatorsExhaustive("_tag")({
        Plain: ({ dependency }) => providers(dependency),
        All: ({ parts }) => parts.flatMap(candidates),
        Any: ({ parts }) => parts.flatMap(candidates),
        With: ({ parts: [first, ...others] }) =>
          candidates(first).filter((found) => others.every((other) => candidates(other).includes(found))),
        Without: ({ parts: [first, ...others] }) =>
          candidates(first).filter((found) => !others.some((other) => candidates(other).includes(found))),
        If: ({ then }) => candidates(then),
        Unless: ({ then }) => candidates(then)
      })
    )
  const holds = (rich: RichDependency): boolean =>
    Match.value(rich).pipe(
      Match.discriminatorsExhaustive("_tag")({
        Plain: (plain) => candidates(plain).some((found) => needed.has(found)),
        With: (both) => candidates(both).some((found) => needed.has(found)),
        Without: (one) => candidates(one).some((found) => needed.has(found)),
        All: ({ parts }) => parts.every(holds),
        Any: ({ parts }) => parts.some(holds),
        If: ({ condition, otherwise, then }) =>
          holds(condition) ? holds(then) : otherwise === null || holds(otherwise),
        Unless: ({ condition, otherwise, then }) =>
          holds(condition) ? otherwise === null || holds(otherwise) : holds(then)
      })
    )
  /** Takes what makes it hold. False where that is not to be had. */
  const satisfy = (rich: RichDependency, reason: string): boolean => {
    if (holds(rich)) return true
    return Match.value(rich).pipe(
      Match.discriminatorsExhaustive("_tag")({
        Plain: (plain) => takeBest(candidates(plain), plain.dependency.name, reason),
        With: (both) => takeBest(candidates(both), "", reason),
        Without: (one) => takeBest(candidates(one), "", reason),
        All: ({ parts }) => parts.map((part) => satisfy(part, reason)).every(Boolean),
        Any: ({ parts }) => parts.some((part) => satisfy(part, reason)),
        If: ({ condition, otherwise, then }) =>
          holds(condition) ? satisfy(then, reason) : otherwise === null || satisfy(otherwise, reason),
        Unless: ({ condition, otherwise, then }) =>
          holds(condition) ? otherwise === null || satisfy(otherwise, reason) : satisfy(then, reason)
      })
    )
  }
  const takeBest = (found: ReadonlyArray<PackageFacts>, name: string, reason: string): boolean => {
    const [best] = found.toSorted((a, b) => preference(a, b, name))
    if (best !== undefined) take({ package: best, reason })
    return best !== undefined
  }
  const demand = (of: PackageFacts, dependency: Dependency, isHard: boolean): void => {
    const rich = isRich(dependency.name)
      ? parseRich(dependency.name)
      : Either.right({ _tag: "Plain" as const, dependency })
    const words = `${nvra(of)} ${isHard ? "requires" : "recommends"} ${dependencyWords(dependency)}`
    if (Either.isLeft(rich)) {
      if (isHard) unresolved.add(`${words}, which is not understood: ${rich.left}`)
      return
    }
    if (isConditional(rich.right)) conditional.push({ of, text: words, rich: rich.right })
    if (!satisfy(rich.right, words) && isHard) unresolved.add(`${words}, which nothing provides`)
  }

  for (const root of roots) take(root)
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    for (const dependency of next.package.requires) demand(next.package, dependency, true)
    for (const dependency of next.package.recommends) demand(next.package, dependency, false)
    if (waiting.length === 0) for (const { rich, text } of conditional) satisfy(rich, text)
  }
  return { needed: [...needed.values()], unresolved: [...unresolved] }
}

/** Who provides a dependency: by its provides or, for a path, by its files. */
const indexOf = (packages: ReadonlyArray<PackageFacts>): ((of: Dependency) => ReadonlyArray<PackageFacts>) => {
  const byName = new Map<string, Array<readonly [PackageFacts, Dependency]>>()
  const byPath = new Map<string, Array<PackageFacts>>()
  for (const facts of packages) {
    for (const provided of facts.provides) {
      const known = byName.get(provided.name)
      if (known === undefined) byName.set(provided.name, [[facts, provided]])
      else known.push([facts, provided])
    }
    for (const path of facts.files) {
      const known = byPath.get(path)
      if (known === undefined) byPath.set(path, [facts])
      else known.push(facts)
    }
  }
  return (wanted) => [
    ...(byName.get(wanted.name) ?? []).filter(([, provided]) => overlaps(provided, wanted)).map(([facts]) => facts),
    ...(wanted.name.startsWith("/") ? (byPath.get(wanted.name) ?? []) : [])
  ]
}

const preference = (a: PackageFacts, b: PackageFacts, name: string): number =>
  Number(b.name === name) - Number(a.name === name) ||
  (a.name === b.name ? compareEvr(b, a) || bytewise(b.arch, a.arch) : bytewise(a.name, b.name))

const bytewise = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

const isConditional = (rich: RichDependency): boolean =>
  rich._tag === "If" || rich._tag === "Unless" || (rich._tag !== "Plain" && rich.parts.some(isConditional))

const dependencyWords = ({ name, range }: Dependency): string =>
  range === null
    ? name
    : `${name} ${signs[range.relation]} ${range.epoch === null || range.epoch === "0" ? "" : `${range.epoch}:`}${range.version}${range.release === null ? "" : `-${range.release}`}`

const signs = { EQ: "=", LT: "<", LE: "<=", GT: ">", GE: ">=" } as const
