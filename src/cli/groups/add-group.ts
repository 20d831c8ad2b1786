import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { withHub } from "../open-hub.ts"
import type { AddGroup } from "./group-specs.ts"

export const addGroup = ({ tag, group, topdir }: ArgsOf<typeof AddGroup>) =>
  Effect.flatMap(Hub, (hub) => hub.addGroup(tag, group)).pipe(
    Effect.as<Report>({ lines: [], data: { tag, group } }),
    (effect) => withHub(topdir, effect)
  )
