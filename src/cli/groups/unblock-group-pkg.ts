import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { withHub } from "../open-hub.ts"
import type { UnblockGroupPkg } from "./group-specs.ts"

export const unblockGroupPkg = ({ tag, group, packages, topdir }: ArgsOf<typeof UnblockGroupPkg>) =>
  Effect.flatMap(Hub, (hub) => hub.unblockGroupPackages(tag, group, packages)).pipe(
    Effect.as<Report>({ lines: [], data: { tag, group, packages } }),
    (effect) => withHub(topdir, effect)
  )
