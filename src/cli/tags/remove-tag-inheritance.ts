import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { withHub } from "../open-hub.ts"
import type { RemoveTagInheritance } from "./tag-specs.ts"

export const removeTagInheritance = ({ tag, parent, topdir }: ArgsOf<typeof RemoveTagInheritance>) =>
  Effect.flatMap(Hub, (hub) => hub.removeTagInheritance(tag, parent)).pipe(
    Effect.as<Report>({ lines: [], data: { tag, parent } }),
    (effect) => withHub(topdir, effect)
  )
