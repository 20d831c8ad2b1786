import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { withHub } from "../open-hub.ts"
import type { UnblockGroup } from "./group-specs.ts"

export const unblockGroup = ({ tag, group, topdir }: ArgsOf<typeof UnblockGroup>) =>
  Effect.flatMap(Hub, (hub) => hub.unblockGroup(tag, group)).pipe(
    Effect.as<Report>({ lines: [], data: { tag, group } }),
    (effect) => withHub(topdir, effect)
  )
