import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { withHub } from "../open-hub.ts"
import type { UnblockGroupReq } from "./group-specs.ts"

export const unblockGroupReq = ({ tag, group, required, topdir }: ArgsOf<typeof UnblockGroupReq>) =>
  Effect.flatMap(Hub, (hub) => hub.unblockGroupRequirement(tag, group, required)).pipe(
    Effect.as<Report>({ lines: [], data: { tag, group, required } }),
    (effect) => withHub(topdir, effect)
  )
