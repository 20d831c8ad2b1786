import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { withHub } from "../open-hub.ts"
import type { BlockGroup } from "./group-specs.ts"

export const blockGroup = ({ tag, group, topdir }: ArgsOf<typeof BlockGroup>) =>
  Effect.flatMap(Hub, (hub) => hub.blockGroup(tag, group)).pipe(
    Effect.as<Report>({ lines: [], data: { tag, group } }),
    (effect) => withHub(topdir, effect)
  )
