import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { UsageError } from "../frame/usage-error.ts"
import { withHub } from "../open-hub.ts"
import type { EditExternalRepo } from "./external-repo-specs.ts"

export const editExternalRepo = (args: ArgsOf<typeof EditExternalRepo>) =>
  Effect.gen(function* () {
    const { arches, mode, name, priority, repo, tag, topdir, url } = args
    const change = { ...(name !== undefined && { name }), ...(url !== undefined && { url }) }
    const use = {
      ...(priority !== undefined && { priority }),
      ...(mode !== undefined && { mode }),
      ...(arches !== undefined && { arches })
    }
    const [first] = Object.keys(use)
    if (tag !== undefined && first === undefined) {
      return yield* new UsageError({ reason: "At least, one of priority and merge mode should be specified" })
    }
    if (tag === undefined && first !== undefined) {
      return yield* new UsageError({ reason: `If ${first} is specified, --tag must be specified as well` })
    }
    if (tag === undefined && Object.keys(change).length === 0) {
      return yield* new UsageError({ reason: "No changes specified" })
    }
    yield* withHub(
      topdir,
      Effect.gen(function* () {
        const hub = yield* Hub
        // first, so that the repo still has the name that was given
        if (tag !== undefined) yield* hub.editTagExternalRepo(tag, repo, use)
        yield* hub.editExternalRepo(repo, change)
      })
    )
    return { lines: [], data: { repo: name ?? repo } } satisfies Report
  })
