/**
 * Which builds and rpms a tag has. Plain data in, plain data out: the caller has read the rows of the wanted event.
 * Source: Koji's readPackageList, readTaggedBuilds and readTaggedRPMS.
 */

/** A package's entry in the list of one tag. */
export interface PackageListEntry {
  readonly packageId: number
  readonly packageName: string
  readonly tagId: number
  readonly blocked: boolean
}

/** A tag of the chain (the asked one or a parent), with the test of its link's filters. */
export interface ChainTag {
  readonly tagId: number
  readonly accepts: (packageName: string) => boolean
}

/**
 * The merged package list, by package id: along the chain, whose first element is the tag itself, the first entry that
 * the link's filters let through wins, blocked or not.
 */
export const mergePackageLists = <E extends PackageListEntry>(
  chain: ReadonlyArray<ChainTag>,
  entriesOf: (tagId: number) => ReadonlyArray<E>
): ReadonlyMap<number, E> => {
  const merged = new Map<number, E>()
  for (const { tagId, accepts } of chain) {
    for (const entry of entriesOf(tagId)) {
      if (!merged.has(entry.packageId) && accepts(entry.packageName)) merged.set(entry.packageId, entry)
    }
  }
  return merged
}

/** A tagging: this build is in this tag since this event. */
export interface Listing {
  readonly buildId: number
  readonly packageId: number
  readonly tagId: number
  readonly createEvent: number
}

/**
 * The builds of a tag, tag by tag along the chain (`[tag]` alone without inheritance), in each the newest tagging first,
 * of taggings at one event the newer build. Builds of packages that are not in the list, or blocked there, are left out.
 * `latest`: only the first build of each package, which is the one tagged last into the nearest tag; versions are never
 * compared. A tag that is twice in the chain gives its builds twice, unless `latest`.
 */
export const taggedBuilds = <L extends Listing>(
  tags: ReadonlyArray<number>,
  listingsOf: (tagId: number) => ReadonlyArray<L>,
  packages: ReadonlyMap<number, PackageListEntry>,
  latest: boolean
): ReadonlyArray<L> => {
  const seen = new Set<number>()
  const builds: Array<L> = []
  for (const tagId of tags) {
    const listings = [...listingsOf(tagId)].sort((a, b) => b.createEvent - a.createEvent || b.buildId - a.buildId)
    for (const listing of listings) {
      if (packages.get(listing.packageId)?.blocked !== false) continue
      if (latest) {
        if (seen.has(listing.packageId)) continue
        seen.add(listing.packageId)
      }
      builds.push(listing)
    }
  }
  return builds
}
