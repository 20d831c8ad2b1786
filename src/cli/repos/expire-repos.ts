import { Effect, Either } from "effect"
import { plannedRetention, type Retained, retainRepos } from "../../publish/repo-life.ts"
import type { RetentionPolicy } from "../../publish/repo-retention.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { Output } from "../frame/output.ts"
import { UsageError } from "../frame/usage-error.ts"
import { withHub } from "../open-hub.ts"
import { secondsOfAge } from "../words/age.ts"
import { judgementText, leftWarning } from "../words/judgement-text.ts"
import { repoData } from "../words/repo-data.ts"
import type { ExpireRepos } from "./repo-specs.ts"

type Args = ArgsOf<typeof ExpireRepos>

export const expireRepos = (args: Args) =>
  Effect.gen(function* () {
    const policy = yield* policyOf(args)
    const { talk, warn } = yield* Output
    const retained = yield* withHub(
      args.topdir,
      args.dryRun
        ? plannedRetention(args.tag, policy)
        : retainRepos(args.tag, policy, ({ id, tagName }) => talk(`removing repo ${id} of ${tagName}`))
    )
    yield* Effect.forEach(retained.left, (path) => warn(leftWarning(path)))
    return {
      lines: [...retained.judgements.map(judgementText), ...treesLine(retained, args.dryRun)],
      data: {
        dry_run: args.dryRun,
        repos: retained.judgements.map(({ because, repo, verdict }) => ({ ...repoData(repo), verdict, because })),
        removed: retained.removed,
        trees: retained.trees,
        left: retained.left
      }
    } satisfies Report
  })

const treesLine = ({ trees }: Retained, dryRun: boolean): ReadonlyArray<string> => {
  if (trees.length === 0) return []
  const count = trees.length === 1 ? "1 shared directory" : `${trees.length} shared directories`
  const verb = dryRun ? "would be" : trees.length === 1 ? "was" : "were"
  return [`${count} of packages that no repo needs ${verb} removed`]
}

/** The defaults are kojira's; that one repo is kept is ours. */
const policyOf = ({ expiredLifetime, keep = 1, lifetime }: Args): Either.Either<RetentionPolicy, UsageError> =>
  Either.gen(function* () {
    if (keep < 0) return yield* Either.left(new UsageError({ reason: `--keep must be at least 0, not ${keep}` }))
    return {
      keep,
      lifetime: yield* ageOf("--lifetime", lifetime),
      expiredLifetime: yield* ageOf("--expired-lifetime", expiredLifetime)
    }
  })

const ageOf = (option: string, text = "7d"): Either.Either<number, UsageError> =>
  Either.fromNullable(
    secondsOfAge(text),
    () => new UsageError({ reason: `${option}: not an age: '${text}' (30m, 8h, 7d, or seconds)` })
  )
