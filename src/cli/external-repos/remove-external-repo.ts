import { Data, Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { Output } from "../frame/output.ts"
import { UsageError } from "../frame/usage-error.ts"
import { withHub } from "../open-hub.ts"
import type { RemoveExternalRepo } from "./external-repo-specs.ts"

/** An external repo that tags use is not ended without --force. */
class ExternalRepoUsed extends Data.TaggedError("ExternalRepoUsed")<{
  readonly repo: string
  readonly tags: ReadonlyArray<string>
}> {
  override get message(): string {
    return `external repo ${this.repo} used by tag(s): ${this.tags.join(", ")}\nUse --force to remove anyway`
  }
}

export const removeExternalRepo = (args: ArgsOf<typeof RemoveExternalRepo>) =>
  Effect.gen(function* () {
    const { alltags, force, repo } = args
    if (alltags && args.tags.length > 0) {
      return yield* new UsageError({ reason: "Do not specify tags when using --alltags" })
    }
    const hub = yield* Hub
    const { warn } = yield* Output
    const using = (yield* hub.tagExternalRepos({ repo })).map(({ tagName }) => tagName)
    const tags = alltags ? using : args.tags.filter((tag) => using.includes(tag))
    const entirely = (!alltags && args.tags.length === 0) || (alltags && using.length === 0 && force)
    if (entirely) {
      if (using.length > 0 && !force) return yield* new ExternalRepoUsed({ repo, tags: using })
      yield* hub.deleteExternalRepo(repo)
      return { lines: [], data: { repo, removed: true, tags: using } } satisfies Report
    }
    if (alltags && using.length === 0) yield* warn(`External repo ${repo} not associated with any tags`)
    for (const tag of args.tags) {
      if (!using.includes(tag)) yield* warn(`External repo ${repo} not associated with tag ${tag}`)
    }
    if (tags.length > 0) yield* hub.removeTagExternalRepo(repo, tags)
    return { lines: [], data: { repo, removed: false, tags } } satisfies Report
  }).pipe((effect) => withHub(args.topdir, effect))
