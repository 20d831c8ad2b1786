import { Effect, Either } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { HistoryEntry, HistorySubject } from "../../hub/model.ts"
import { parseNvr } from "../../rpm/nevra.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { UsageError } from "../frame/usage-error.ts"
import { withHub } from "../open-hub.ts"
import { timeText } from "../words/time-text.ts"
import type { ListHistory } from "./build-specs.ts"

type Args = ArgsOf<typeof ListHistory>

export const listHistory = (args: Args) =>
  Effect.gen(function* () {
    if (args.tag === undefined && args.build === undefined && args.package === undefined) {
      return yield* new UsageError({
        reason: "Please specify an option to limit the query: --tag, --build or --package"
      })
    }
    const entries = (yield* withHub(args.topdir, histories(args)))
      .filter((entry) => concerns(args, entry))
      .sort((a, b) => a.event - b.event)
    return {
      lines: entries.map((entry) => entryLine(entry, args)),
      data: { history: entries.map(entryData) }
    } satisfies Report
  })

const histories = ({ tag, build }: Args) =>
  Effect.gen(function* () {
    const hub = yield* Hub
    // so that a build that is not there is an error, not an empty history
    if (build !== undefined) yield* hub.build(build)
    const tags = tag === undefined ? (yield* hub.listTags()).map(({ name }) => name) : [tag]
    return (yield* Effect.forEach(tags, (name) => hub.history(name))).flat()
  })

const concerns = (args: Args, { event, active, action, subject }: HistoryEntry): boolean => {
  if (event >= (args.beforeEvent ?? Number.POSITIVE_INFINITY) || event <= (args.afterEvent ?? -1)) return false
  if (args.active && !(active && action !== "revoked")) return false
  if (args.build !== undefined && !(subject.kind === "build" && subject.nvr === args.build)) return false
  return args.package === undefined || packageOf(subject) === args.package
}

const packageOf = (subject: HistorySubject): string | undefined => {
  switch (subject.kind) {
    case "build":
      return Either.getOrUndefined(parseNvr(subject.nvr))?.name
    case "owner":
    case "package":
      return subject.package
    case "tag":
    case "extra":
    case "inheritance":
    case "group":
    case "group-requirement":
    case "group-package":
    case "external-repo":
      return undefined
  }
}

const entryLine = (entry: HistoryEntry, { events, utc }: Args): string =>
  [
    timeText(entry.time, { utc }),
    ...(events ? [`(eid ${entry.event})`] : []),
    entryWords(entry),
    `by ${entry.by}`,
    ...(entry.action === "created" && entry.active ? ["[still active]"] : [])
  ].join(" ")

/** Koji's words. */
const entryWords = ({ tag, action, subject }: HistoryEntry): string => {
  switch (subject.kind) {
    case "tag":
      return {
        created: `new tag: ${tag}`,
        edited: `tag configuration for ${tag} altered`,
        revoked: `tag deleted: ${tag}`
      }[action]
    case "extra":
      return {
        created: `added tag option ${subject.key} for tag ${tag}`,
        edited: `tag option ${subject.key} for tag ${tag} altered`,
        revoked: `tag option ${subject.key} removed for ${tag}`
      }[action]
    case "inheritance":
      return {
        created: `inheritance line ${tag}->${subject.parent} added`,
        edited: `inheritance line ${tag}->${subject.parent} updated`,
        revoked: `inheritance line ${tag}->${subject.parent} removed`
      }[action]
    case "owner":
      return {
        created: `package owner ${subject.owner} set for ${subject.package} in ${tag}`,
        edited: `package owner changed for ${subject.package} in ${tag}`,
        revoked: `package owner ${subject.owner} revoked for ${subject.package} in ${tag}`
      }[action]
    case "package":
      return {
        created: `package list entry created: ${subject.package} in ${tag}`,
        edited: `package list entry for ${subject.package} in ${tag} updated`,
        revoked: `package list entry revoked: ${subject.package} in ${tag}`
      }[action]
    case "build":
      return {
        created: `${subject.nvr} tagged into ${tag}`,
        edited: `${subject.nvr} re-tagged into ${tag}`,
        revoked: `${subject.nvr} untagged from ${tag}`
      }[action]
    case "group":
      return {
        created: `group ${subject.group} added to tag ${tag}`,
        edited: `group ${subject.group} configuration for tag ${tag} updated`,
        revoked: `group ${subject.group} removed from tag ${tag}`
      }[action]
    case "group-requirement":
      return {
        created: `group dependency ${subject.group}->${subject.required} added in tag ${tag}`,
        edited: `group dependency ${subject.group}->${subject.required} updated in tag ${tag}`,
        revoked: `group dependency ${subject.group}->${subject.required} dropped from tag ${tag}`
      }[action]
    case "group-package":
      return {
        created: `package ${subject.package} added to group ${subject.group} in tag ${tag}`,
        edited: `package entry ${subject.package} in group ${subject.group}, tag ${tag} updated`,
        revoked: `package ${subject.package} removed from group ${subject.group} in tag ${tag}`
      }[action]
    case "external-repo":
      return {
        created: `external repo entry for ${subject.repo} added to tag ${tag}`,
        edited: `external repo entry for ${subject.repo} in tag ${tag} updated`,
        revoked: `external repo entry for ${subject.repo} removed from tag ${tag}`
      }[action]
  }
}

/** `ts` is the Unix time in seconds, as Koji's. */
const entryData = ({ event, time, by, tag, action, active, subject }: HistoryEntry) => ({
  event,
  ts: time / 1000,
  by,
  tag,
  action,
  active,
  subject
})
