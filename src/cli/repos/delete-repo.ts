import { Effect } from "effect"
import { deleteRepos } from "../../publish/repo-life.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { Output } from "../frame/output.ts"
import { withHub } from "../open-hub.ts"
import { leftWarning } from "../words/judgement-text.ts"
import { repoIds } from "../words/repo-ids.ts"
import type { DeleteRepo } from "./repo-specs.ts"

export const deleteRepo = (args: ArgsOf<typeof DeleteRepo>) =>
  Effect.gen(function* () {
    const { talk, warn } = yield* Output
    const ids = yield* repoIds(args.ids)
    const { left, removed, trees } = yield* withHub(args.topdir, deleteRepos(ids, { force: args.force }))
    const already = [...new Set(ids)].filter((id) => !removed.includes(id))
    yield* talk(...already.map((id) => `repo ${id} is deleted already`))
    yield* Effect.forEach(left, (path) => warn(leftWarning(path)))
    return { lines: [], data: { removed, trees, left } } satisfies Report
  })
