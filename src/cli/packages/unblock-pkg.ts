import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { withHub } from "../open-hub.ts"
import type { UnblockPkg } from "./package-specs.ts"

export const unblockPkg = ({ tag, packages, topdir }: ArgsOf<typeof UnblockPkg>) =>
  Effect.flatMap(Hub, (hub) => hub.unblockPackages(tag, packages)).pipe(
    Effect.as<Report>({ lines: [], data: { tag, packages } }),
    (effect) => withHub(topdir, effect)
  )
