import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import { compsOfGroups } from "../../koji/comps-of-groups.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { withHub } from "../open-hub.ts"
import type { ShowGroups } from "./group-specs.ts"

export const showGroups = ({ tag, event, expand, topdir }: ArgsOf<typeof ShowGroups>) =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const groups = yield* hub.groups(tag, { event: event ?? null })
    const comps = new TextDecoder().decode(compsOfGroups(groups, { expand }))
    return { lines: [comps.trimEnd()], data: { comps } } satisfies Report
  }).pipe((effect) => withHub(topdir, effect))
