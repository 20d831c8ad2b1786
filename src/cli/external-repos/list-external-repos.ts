import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ExternalRepo, TagExternalRepo } from "../../hub/model.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { UsageError } from "../frame/usage-error.ts"
import { withHub } from "../open-hub.ts"
import { eventHeading } from "../words/event-heading.ts"
import { tagExternalRepoData } from "../words/external-repo-data.ts"
import type { ListExternalRepos } from "./external-repo-specs.ts"

type Args = ArgsOf<typeof ListExternalRepos>

export const listExternalRepos = (args: Args) =>
  Effect.gen(function* () {
    const { event, id, inherit, name, quiet, tag, used } = args
    if (tag !== undefined && inherit && (id !== undefined || name !== undefined)) {
      return yield* new UsageError({ reason: "Can't select by repo when using --inherit" })
    }
    const hub = yield* Hub
    const heading = event === undefined || quiet ? [] : [eventHeading(yield* hub.event(event))]
    const at = event ?? null
    if (tag === undefined && !used) {
      const repos = (yield* hub.externalRepos(at)).filter((repo) => isMeant(repo, args))
      return {
        lines: [...heading, ...(quiet ? [] : BASIC), ...repos.map((repo) => `${repo.name.padEnd(25)} ${repo.url}`)],
        data: { external_repos: repos }
      } satisfies Report
    }
    const listed =
      tag !== undefined && inherit
        ? yield* hub.externalRepoList(tag, at)
        : yield* hub.tagExternalRepos({ ...(tag !== undefined && { tag }), event: at })
    const uses = listed.filter((use) =>
      isMeant({ id: use.externalRepoId, name: use.externalRepoName, url: use.url }, args)
    )
    const manyTags = tag === undefined || inherit
    return {
      lines: [...heading, ...(quiet ? [] : manyTags ? OF_TAGS : OF_TAG), ...uses.map(manyTags ? tagsLine : tagLine)],
      data: { external_repos: uses.map(tagExternalRepoData) }
    } satisfies Report
  }).pipe((effect) => withHub(args.topdir, effect))

const isMeant = (repo: ExternalRepo, { id, name, url }: Args): boolean =>
  (id === undefined || repo.id === id) &&
  (name === undefined || repo.name === name) &&
  (url === undefined || repo.url === url || repo.url === `${url}/`)

const dashes = (...counts: ReadonlyArray<number>): string => counts.map((count) => "-".repeat(count)).join(" ")

const BASIC = [`${"External repo name".padEnd(25)} URL`, dashes(25, 40)]

const OF_TAG = [`Pri ${"External repo name".padEnd(25)} ${"Mode".padEnd(10)} URL`, dashes(3, 25, 10, 40)]

const OF_TAGS = [`${"Tag".padEnd(20)} Pri ${"Mode".padEnd(10)} External repo name`, dashes(20, 3, 10, 25)]

const tagLine = ({ externalRepoName, mergeMode, priority, url }: TagExternalRepo): string =>
  `${String(priority).padEnd(3)} ${externalRepoName.padEnd(25)} ${mergeMode.padEnd(10)} ${url}`

const tagsLine = ({ externalRepoName, mergeMode, priority, tagName }: TagExternalRepo): string =>
  `${tagName.padEnd(20)} ${String(priority).padEnd(3)} ${mergeMode.padEnd(10)} ${externalRepoName}`
