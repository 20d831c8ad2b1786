import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { withHub } from "../open-hub.ts"
import { repoIds } from "../words/repo-ids.ts"
import type { PinRepo } from "./repo-specs.ts"

export const pinRepo = (args: ArgsOf<typeof PinRepo>) =>
  Effect.gen(function* () {
    const ids = yield* repoIds(args.ids)
    const pinned = yield* withHub(
      args.topdir,
      Effect.flatMap(Hub, (hub) => hub.pinRepos(ids, true))
    )
    return { lines: [], data: { pinned } } satisfies Report
  })
