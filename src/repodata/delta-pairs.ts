import { compareEvr } from "../rpm/evr.ts"
import { type Nevra, nvr } from "../rpm/nevra.ts"
import { drpmName } from "./prestodelta.ts"

/** Two versions of a package, between which a delta can be made. */
export interface DeltaPair<Package extends Nevra> {
  readonly package: Package
  readonly from: Package
}

/**
 * Which older packages deltas are made from: for each package and each older repository the `count` newest of those with its name and
 * architecture and a lower EVR. Pairs in the order of the packages, the newest older one first. No two have one name as a delta: where
 * several packages differ in what is not in it (the epoch, their content), the first has it. A name that no file can have is left out.
 */
export const deltaPairs = <Package extends Nevra>(
  packages: ReadonlyArray<Package>,
  older: ReadonlyArray<ReadonlyArray<Package>>,
  count: number
): ReadonlyArray<DeltaPair<Package>> => {
  const repositories = older.map((repository) => Map.groupBy(repository, nameArch))
  const pairs = packages.flatMap((package_) => {
    const found = repositories.flatMap((repository) =>
      (repository.get(nameArch(package_)) ?? [])
        .filter((from) => compareEvr(from, package_) < 0)
        .sort((a, b) => oldestFirst(b, a))
        .slice(0, count)
    )
    // an epoch is not in the name of a delta: of two editions that differ in nothing else, one can have its delta
    const each = new Map<string, Package>()
    for (const from of found.sort((a, b) => oldestFirst(b, a))) if (!each.has(nvr(from))) each.set(nvr(from), from)
    return [...each.values()].map((from) => ({ package: package_, from }))
  })
  const taken = new Set<string>()
  return pairs.filter((pair) => {
    const name = drpmName(pair.package, pair.from)
    if (taken.has(name) || Buffer.byteLength(name) > longestName) return false
    taken.add(name)
    return true
  })
}

/** Of a file, in bytes. */
const longestName = 255

const nameArch = ({ arch, name }: Nevra): string => `${name}.${arch}`

const oldestFirst = (a: Nevra, b: Nevra): number => compareEvr(a, b)
