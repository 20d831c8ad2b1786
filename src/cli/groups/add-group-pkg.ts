import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { withHub } from "../open-hub.ts"
import type { AddGroupPkg } from "./group-specs.ts"

export const addGroupPkg = ({ tag, group, packages, topdir }: ArgsOf<typeof AddGroupPkg>) =>
  Effect.flatMap(Hub, (hub) => hub.addGroupPackages(tag, group, packages)).pipe(
    Effect.as<Report>({ lines: [], data: { tag, group, packages } }),
    (effect) => withHub(topdir, effect)
  )
