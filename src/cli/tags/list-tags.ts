import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { withHub } from "../open-hub.ts"
import { tagData } from "../words/tag-data.ts"
import type { ListTags } from "./tag-specs.ts"

export const listTags = ({ patterns, event, showId, unlocked, topdir }: ArgsOf<typeof ListTags>) =>
  Effect.gen(function* () {
    const matchers = patterns.map(glob)
    const tags = (yield* Effect.flatMap(Hub, (hub) => hub.listTags({ event: event ?? null })))
      .filter(({ name }) => matchers.length === 0 || matchers.some((matches) => matches.test(name)))
      .filter(({ locked }) => !(unlocked && locked))
    return {
      lines: tags.map(({ name, id }) => (showId ? `${name} [${id}]` : name)),
      data: { tags: tags.map(tagData) }
    } satisfies Report
  }).pipe((effect) => withHub(topdir, effect))

/** `*` is any text, `?` any one character. */
const glob = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern.replace(/[\\^$+.()|[\]{}*?]/g, (sign) => ({ "*": ".*", "?": "." })[sign] ?? `\\${sign}`)}$`,
    "su"
  )
