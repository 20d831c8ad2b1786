import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { withHub } from "../open-hub.ts"
import type { AddTagInheritance } from "./tag-specs.ts"

export const addTagInheritance = (args: ArgsOf<typeof AddTagInheritance>) =>
  Effect.gen(function* () {
    const { tag, parent, priority, maxdepth, intransitive, noconfig, pkgFilter } = args
    const link = {
      priority: priority ?? 0,
      maxdepth: maxdepth ?? null,
      intransitive,
      noconfig,
      pkgFilter: pkgFilter ?? ""
    }
    yield* Effect.flatMap(Hub, (hub) => hub.addTagInheritance(tag, parent, link))
    return { lines: [], data: { tag, parent } } satisfies Report
  }).pipe((effect) => withHub(args.topdir, effect))
