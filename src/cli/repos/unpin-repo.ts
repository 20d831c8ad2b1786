import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { withHub } from "../open-hub.ts"
import { repoIds } from "../words/repo-ids.ts"
import type { UnpinRepo } from "./repo-specs.ts"

export const unpinRepo = (args: ArgsOf<typeof UnpinRepo>) =>
  Effect.gen(function* () {
    const ids = yield* repoIds(args.ids)
    const unpinned = yield* withHub(
      args.topdir,
      Effect.flatMap(Hub, (hub) => hub.pinRepos(ids, false))
    )
    return { lines: [], data: { unpinned } } satisfies Report
  })
