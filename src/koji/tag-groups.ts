/** A group of packages as one tag has it: its configuration, without what is in it. */
export interface GroupConfig {
  readonly groupId: number
  readonly name: string
  /** The tag whose configuration this is. */
  readonly tagId: number
  readonly tagName: string
  readonly blocked: boolean
  readonly exported: boolean
  readonly displayName: string
  /** Null where nobody has said, as with all groups that `add-group` makes. */
  readonly isDefault: boolean | null
  readonly uservisible: boolean
  readonly description: string | null
  readonly langonly: string | null
  readonly biarchonly: boolean
}

/** A package in a group, as one tag has it. */
export interface GroupPackage {
  readonly groupId: number
  readonly tagId: number
  readonly tagName: string
  readonly package: string
  readonly blocked: boolean
  /** `mandatory`, `default`, `optional` or `conditional`. */
  readonly type: string
  readonly basearchonly: boolean | null
  readonly requires: string | null
}

/** That a group needs another, as one tag has it. */
export interface GroupRequirement {
  readonly groupId: number
  readonly tagId: number
  readonly tagName: string
  readonly requiredId: number
  /** Name of the group that is needed. */
  readonly name: string
  readonly blocked: boolean
  readonly type: string
  readonly isMetapkg: boolean
}

/** A group with what is in it. */
export interface TagGroup extends GroupConfig {
  readonly packages: ReadonlyArray<GroupPackage>
  readonly requirements: ReadonlyArray<GroupRequirement>
}

/** What the tags of a chain say of groups. */
export interface GroupRows {
  readonly groups: ReadonlyArray<GroupConfig>
  readonly packages: ReadonlyArray<GroupPackage>
  readonly requirements: ReadonlyArray<GroupRequirement>
}

/**
 * The groups of a tag, blocked ones too, in the order in which they are met: along the chain of tags (the tag itself, then its
 * parents in inheritance order) the first that is said of a group, of a package in a group and of a requirement holds. A blocked group
 * has nothing in it, and a requirement counts only where the tag has the group that is needed, not blocked. Source: Koji's get_tag_groups.
 */
export const mergeGroups = (chain: ReadonlyArray<number>, rows: GroupRows): ReadonlyArray<TagGroup> => {
  const along = <R extends { readonly tagId: number }>(of: ReadonlyArray<R>): ReadonlyArray<R> => {
    const byTag = Map.groupBy(of, ({ tagId }) => tagId)
    return chain.flatMap((tag) => byTag.get(tag) ?? [])
  }
  const groups = firstOf(along(rows.groups), ({ groupId }) => groupId)
  const isOpen = (group: number): boolean => groups.get(group)?.blocked === false
  const packages = firstOf(
    along(rows.packages).filter(({ groupId }) => isOpen(groupId)),
    ({ groupId, package: name }) => `${groupId} ${name}`
  )
  const requirements = firstOf(
    along(rows.requirements).filter(({ groupId, requiredId }) => isOpen(groupId) && isOpen(requiredId)),
    ({ groupId, requiredId }) => `${groupId} ${requiredId}`
  )
  const packagesOf = Map.groupBy(packages.values(), ({ groupId }) => groupId)
  const requirementsOf = Map.groupBy(requirements.values(), ({ groupId }) => groupId)
  return [...groups.values()].map((group) => ({
    ...group,
    packages: packagesOf.get(group.groupId) ?? [],
    requirements: requirementsOf.get(group.groupId) ?? []
  }))
}

/** Without blocked groups, packages and requirements. Source: Koji's readTagGroups. */
export const withoutBlocked = (groups: ReadonlyArray<TagGroup>): ReadonlyArray<TagGroup> =>
  groups
    .filter(({ blocked }) => !blocked)
    .map((group) => ({
      ...group,
      packages: group.packages.filter(({ blocked }) => !blocked),
      requirements: group.requirements.filter(({ blocked }) => !blocked)
    }))

const firstOf = <R, K>(rows: ReadonlyArray<R>, keyOf: (row: R) => K): ReadonlyMap<K, R> => {
  const first = new Map<K, R>()
  for (const row of rows) {
    const key = keyOf(row)
    if (!first.has(key)) first.set(key, row)
  }
  return first
}
