import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { RepoRow } from "../../hub/model.ts"
import { distRepoTagDir, internalRepoTagDir } from "../../koji/topdir.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { withHub } from "../open-hub.ts"
import { longTimeText } from "../words/long-time-text.ts"
import { repoData } from "../words/repo-data.ts"
import { repoIds } from "../words/repo-ids.ts"
import type { RepoInfo } from "./repo-specs.ts"

export const repoInfo = (args: ArgsOf<typeof RepoInfo>) =>
  Effect.gen(function* () {
    const ids = yield* repoIds(args.ids)
    const root = args.topurl ?? pathToFileURL(args.topdir).href
    const repos = yield* withHub(
      args.topdir,
      Effect.flatMap(Hub, (hub) => Effect.forEach(ids, hub.repo))
    )
    const shown = yield* Effect.forEach(repos, (repo) =>
      Effect.map(repo.kind === "dist" ? distRepoTagDir(repo.tagName) : internalRepoTagDir(repo.tagName), (tagDir) => ({
        repo,
        url: `${root.replace(/\/$/, "")}/${tagDir}/${repo.id}`,
        path: join(args.topdir, tagDir, String(repo.id))
      }))
    )
    return {
      lines: shown.flatMap(({ repo, url }, index) => [...(index > 0 ? [""] : []), ...infoLines(repo, url)]),
      data: { repos: shown.map(({ path, repo, url }) => ({ ...repoData(repo), url, path })) }
    } satisfies Report
  })

/** Koji's lines, but that the URL is right for dist repos too; those of what Koji has not follow where there is something to say. */
const infoLines = (repo: RepoRow, url: string): ReadonlyArray<string> => [
  `ID: ${repo.id}`,
  `Tag ID: ${repo.tagId}`,
  `Tag name: ${repo.tagName}`,
  `State: ${repo.state}`,
  `Created: ${longTimeText(repo.creationTime)}`,
  `Created event: ${repo.createEvent}`,
  `URL: ${url}`,
  `Repo json: ${url}/repo.json`,
  `Dist repo?: ${repo.kind === "dist" ? "yes" : "no"}`,
  "Task ID: None",
  "Number of buildroots: 0",
  ...(repo.volume === null ? [] : [`Volume: ${repo.volume}`]),
  ...(repo.endEvent === null ? [] : [`Content changed at event: ${repo.endEvent}`]),
  ...(repo.pinned ? ["Pinned: yes"] : [])
]
