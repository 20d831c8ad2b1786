import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { withHub } from "../open-hub.ts"
import type { BlockPkg } from "./package-specs.ts"

export const blockPkg = ({ tag, packages, topdir }: ArgsOf<typeof BlockPkg>) =>
  Effect.flatMap(Hub, (hub) => hub.blockPackages(tag, packages)).pipe(
    Effect.as<Report>({ lines: [], data: { tag, packages } }),
    (effect) => withHub(topdir, effect)
  )
