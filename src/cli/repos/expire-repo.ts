import { Effect } from "effect"
import { expireRepos } from "../../publish/repo-life.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { withHub } from "../open-hub.ts"
import { repoIds } from "../words/repo-ids.ts"
import type { ExpireRepo } from "./repo-specs.ts"

export const expireRepo = (args: ArgsOf<typeof ExpireRepo>) =>
  Effect.gen(function* () {
    const ids = yield* repoIds(args.ids)
    yield* withHub(args.topdir, expireRepos(ids))
    return { lines: [], data: { expired: ids } } satisfies Report
  })
