import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { withHub } from "../open-hub.ts"
import type { BlockGroupReq } from "./group-specs.ts"

export const blockGroupReq = ({ tag, group, required, topdir }: ArgsOf<typeof BlockGroupReq>) =>
  Effect.flatMap(Hub, (hub) => hub.blockGroupRequirement(tag, group, required)).pipe(
    Effect.as<Report>({ lines: [], data: { tag, group, required } }),
    (effect) => withHub(topdir, effect)
  )
