import { Either } from "effect"
import { BadPackageFilter, packageFilter } from "./package-filter.ts"

/** A direct link from a tag to one of its parents. `maxdepth` null is unlimited, `pkgFilter` "" or null is no filter. */
export interface InheritanceLink {
  readonly childId: number
  readonly parentId: number
  /** Name of the parent. */
  readonly name: string
  readonly priority: number
  readonly maxdepth: number | null
  readonly intransitive: boolean
  readonly noconfig: boolean
  readonly pkgFilter: string | null
}

/** A link as it is met on the walk from the root. */
export interface FullLink extends InheritanceLink {
  /** How many generations may follow below this one; null is unlimited. */
  readonly nextdepth: number | null
  /** 1 is a direct parent of the root. */
  readonly currdepth: number
  /** The package filters of the whole path, from the root on. */
  readonly filter: ReadonlyArray<string>
}

/**
 * All parents of a tag in the order in which they are asked: depth first, by priority. The root is not among them; a
 * parent that can be reached in ways of which none covers the other comes more than once; loops are cut.
 * `linksOf` gives a tag's direct links in any order. Source: Koji's `readFullInheritance`.
 */
export const fullInheritance = (
  root: number,
  linksOf: (tag: number) => ReadonlyArray<InheritanceLink>
): ReadonlyArray<FullLink> => {
  const order: Array<FullLink> = []
  const visits = new Map<number, Array<FullLink>>()
  walk({ linksOf, order, visits }, { tag: root, maxdepth: null, depth: 0, filter: [], path: [], noconfig: false })
  return order
}

/** Whether all filters of a link's path accept a package. Filters are compiled once for each call of this function. */
export const linkFilters = (
  links: ReadonlyArray<FullLink>
): Either.Either<(link: FullLink, packageName: string) => boolean, BadPackageFilter> =>
  Either.gen(function* () {
    const compiled = new Map<string, (name: string) => boolean>()
    for (const link of links) {
      for (const pattern of link.filter) {
        if (compiled.has(pattern)) continue
        const filter = yield* Either.mapLeft(
          packageFilter(pattern),
          (bad) => new BadPackageFilter({ pattern, reason: `of the inheritance of ${link.name} ${bad.reason}` })
        )
        compiled.set(pattern, filter)
      }
    }
    return (link, packageName) => link.filter.every((pattern) => compiled.get(pattern)?.(packageName) ?? false)
  })

interface Walk {
  readonly linksOf: (tag: number) => ReadonlyArray<InheritanceLink>
  readonly order: Array<FullLink>
  readonly visits: Map<number, Array<FullLink>>
}

interface Step {
  readonly tag: number
  readonly maxdepth: number | null
  readonly depth: number
  readonly filter: ReadonlyArray<string>
  readonly path: ReadonlyArray<number>
  readonly noconfig: boolean
}

const walk = (state: Walk, step: Step): void => {
  if (step.maxdepth !== null && step.maxdepth < 1) return
  const currdepth = step.depth + 1
  const path = [...step.path, step.tag]
  // as in Koji, a noconfig link counts for the siblings after it too
  let noconfig = step.noconfig
  const links = [...state.linksOf(step.tag)].sort((a, b) => a.priority - b.priority)
  for (const link of links) {
    if (path.includes(link.parentId)) continue
    if (link.intransitive && currdepth > 1) continue
    noconfig ||= link.noconfig
    const nextdepth = depthBelow(link, step.maxdepth)
    const filter = link.pkgFilter ? [...step.filter, link.pkgFilter] : step.filter
    const visits = state.visits.get(link.parentId) ?? []
    if (visits.some((visit) => isSufficient(visit, nextdepth, noconfig))) continue
    const full: FullLink = { ...link, nextdepth, currdepth, filter }
    state.visits.set(link.parentId, [...visits, full])
    state.order.push(full)
    walk(state, { tag: link.parentId, maxdepth: nextdepth, depth: currdepth, filter, path, noconfig })
  }
}

/** A link's own depth is taken as it is where nothing limits it from above, and one less than the limit where something does. */
const depthBelow = (link: InheritanceLink, maxdepth: number | null): number | null => {
  if (link.maxdepth === null) return maxdepth === null ? null : maxdepth - 1
  return maxdepth === null ? link.maxdepth : Math.min(link.maxdepth, maxdepth) - 1
}

/** An earlier visit makes a new one needless if it goes as deep, filters nothing and carries the configuration where it is wanted. */
const isSufficient = (visit: FullLink, nextdepth: number | null, noconfig: boolean): boolean =>
  (visit.nextdepth === null || (nextdepth !== null && visit.nextdepth >= nextdepth)) &&
  visit.filter.length === 0 &&
  !(visit.noconfig && !noconfig)
