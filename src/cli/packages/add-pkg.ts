import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { Output } from "../frame/output.ts"
import { withHub } from "../open-hub.ts"
import type { AddPkg } from "./package-specs.ts"

export const addPkg = ({ tag, packages, owner, topdir }: ArgsOf<typeof AddPkg>) =>
  Effect.gen(function* () {
    const options = owner === undefined ? {} : { owner }
    const { added, already } = yield* withHub(
      topdir,
      Effect.flatMap(Hub, (hub) => hub.addPackages(tag, packages, options))
    )
    const { talk } = yield* Output
    yield* talk(...already.map((name) => `Package ${name} already exists in tag ${tag}`))
    if (added.length > 0) yield* talk(`Adding ${added.length} packages to tag ${tag}`)
    return { lines: [], data: { tag, added, already } } satisfies Report
  })
