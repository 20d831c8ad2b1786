import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { withHub } from "../open-hub.ts"
import type { AddGroupReq } from "./group-specs.ts"

export const addGroupReq = ({ tag, group, required, topdir }: ArgsOf<typeof AddGroupReq>) =>
  Effect.flatMap(Hub, (hub) => hub.addGroupRequirement(tag, group, required)).pipe(
    Effect.as<Report>({ lines: [], data: { tag, group, required } }),
    (effect) => withHub(topdir, effect)
  )
