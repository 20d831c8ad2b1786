import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { withHub } from "../open-hub.ts"
import type { BlockGroupPkg } from "./group-specs.ts"

export const blockGroupPkg = ({ tag, group, packages, topdir }: ArgsOf<typeof BlockGroupPkg>) =>
  Effect.flatMap(Hub, (hub) => hub.blockGroupPackages(tag, group, packages)).pipe(
    Effect.as<Report>({ lines: [], data: { tag, group, packages } }),
    (effect) => withHub(topdir, effect)
  )
