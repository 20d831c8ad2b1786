import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { TagGroup } from "../../koji/tag-groups.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { withHub } from "../open-hub.ts"
import { eventHeading } from "../words/event-heading.ts"
import type { ListGroups } from "./group-specs.ts"

export const listGroups = ({ tag, group: only, event, quiet, showBlocked, topdir }: ArgsOf<typeof ListGroups>) =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const groups = (yield* hub.groups(tag, { event: event ?? null, blocked: showBlocked })).filter(
      ({ name }) => only === undefined || name === only
    )
    const heading = event === undefined || quiet ? [] : [eventHeading(yield* hub.event(event))]
    return {
      lines: [...heading, ...groups.flatMap(groupLines)],
      data: { groups: groups.map(groupData) }
    } satisfies Report
  }).pipe((effect) => withHub(topdir, effect))

const groupLines = (group: TagGroup): ReadonlyArray<string> => [
  `${group.name}  [${group.tagName}]${block(group)}`,
  ...sortedBy(group.requirements, ({ name }) => name).map(
    (required) => `  @${required.name}  [${required.tagName}]${block(required)}`
  ),
  ...sortedBy(group.packages, (entry) => entry.package).map(
    (entry) => `  ${entry.package}: ${pythonFlag(entry.basearchonly)}, ${entry.type}  [${entry.tagName}]${block(entry)}`
  )
]

const block = ({ blocked }: { readonly blocked: boolean }): string => (blocked ? " [BLOCKED]" : "")

const pythonFlag = (flag: boolean | null): string => (flag === null ? "None" : flag ? "True" : "False")

const sortedBy = <A>(list: ReadonlyArray<A>, keyOf: (item: A) => string): ReadonlyArray<A> =>
  [...list].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))

/** By Koji's names. */
const groupData = (group: TagGroup) => ({
  name: group.name,
  group_id: group.groupId,
  tag_id: group.tagId,
  tag_name: group.tagName,
  blocked: group.blocked,
  exported: group.exported,
  display_name: group.displayName,
  is_default: group.isDefault,
  uservisible: group.uservisible,
  description: group.description,
  langonly: group.langonly,
  biarchonly: group.biarchonly,
  packagelist: group.packages.map((entry) => ({
    package: entry.package,
    group_id: entry.groupId,
    tag_id: entry.tagId,
    blocked: entry.blocked,
    type: entry.type,
    basearchonly: entry.basearchonly,
    requires: entry.requires
  })),
  grouplist: group.requirements.map((required) => ({
    name: required.name,
    req_id: required.requiredId,
    group_id: required.groupId,
    tag_id: required.tagId,
    blocked: required.blocked,
    type: required.type,
    is_metapkg: required.isMetapkg
  }))
})
