import { Effect, Either } from "effect"
import type { ExternalRepoUse } from "../../hub/external-repos.ts"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { Output } from "../frame/output.ts"
import { UsageError } from "../frame/usage-error.ts"
import { withHub } from "../open-hub.ts"
import { tagExternalRepoData } from "../words/external-repo-data.ts"
import type { AddExternalRepo } from "./external-repo-specs.ts"

type Args = ArgsOf<typeof AddExternalRepo>

export const addExternalRepo = (args: Args) =>
  Effect.gen(function* () {
    const { mode, name, tags, topdir, url } = args
    if (mode !== undefined && tags.length === 0) {
      return yield* new UsageError({ reason: "The --mode option can only be used with --tag" })
    }
    if (url === undefined && tags.length === 0) {
      return yield* new UsageError({ reason: "A url is required to create an external repo entry" })
    }
    const uses = yield* Either.all(tags.map((word) => useOf(word, args)))
    const { talk } = yield* Output
    const added = yield* withHub(
      topdir,
      Effect.flatMap(Hub, (hub) => hub.addExternalRepo(name, url ?? null, uses))
    )
    yield* talk(
      ...(url === undefined ? [] : [`Created external repo ${added.id}`]),
      ...added.uses.map(
        ({ priority, tagName }) => `Added external repo ${name} to tag ${tagName} (priority ${priority})`
      )
    )
    return { lines: [], data: { id: added.id, name, tags: added.uses.map(tagExternalRepoData) } } satisfies Report
  })

/** `TAG`, `TAG::PRIORITY`, or `TAG::auto` where --priority is not meant either. */
const useOf = (word: string, { arches, mode, priority }: Args): Either.Either<ExternalRepoUse, UsageError> => {
  const [, tag = word, given] = /^(.*)::([^:]*)$/.exec(word) ?? []
  const options = { tag, mode: mode ?? "koji", arches: arches ?? null }
  if (given === undefined || given === "auto" || given === "-1") {
    return Either.right({ ...options, priority: priority ?? null })
  }
  return /^[+-]?\d+$/.test(given)
    ? Either.right({ ...options, priority: Number(given) })
    : Either.left(new UsageError({ reason: `Invalid priority: ${given}` }))
}
