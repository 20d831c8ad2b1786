import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { RepoRow, RepoState } from "../../hub/model.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { UsageError } from "../frame/usage-error.ts"
import { withHub } from "../open-hub.ts"
import { repoData } from "../words/repo-data.ts"
import { timeText } from "../words/time-text.ts"
import type { ListRepos } from "./repo-specs.ts"

export const listRepos = ({ dist, internal, quiet, state, tag, topdir }: ArgsOf<typeof ListRepos>) =>
  Effect.gen(function* () {
    if (dist && internal) return yield* new UsageError({ reason: "--dist and --internal exclude each other" })
    const states: ReadonlyArray<RepoState> = state === undefined ? ["INIT", "READY", "EXPIRED", "PROBLEM"] : [state]
    const query = {
      states,
      ...(tag !== undefined && { tag }),
      ...(dist && ({ kind: "dist" } as const)),
      ...(internal && ({ kind: "internal" } as const))
    }
    const repos = yield* withHub(
      topdir,
      Effect.flatMap(Hub, (hub) => hub.queryRepos(query))
    )
    return {
      lines: [...(quiet ? [] : HEADING), ...repos.map(repoLine)],
      data: { repos: repos.map(repoData) }
    } satisfies Report
  })

const row = (id: string, kind: string, state: string, event: string, created: string, tag: string): string =>
  `${id.padStart(6)} ${kind.padEnd(8)} ${state.padEnd(8)} ${event.padStart(7)}  ${created.padEnd(24)}  ${tag}`

const HEADING = [
  row("Repo", "Kind", "State", "Event", "Created", "Tag"),
  row(...(["-".repeat(6), "-".repeat(8), "-".repeat(8), "-".repeat(7), "-".repeat(24), "-".repeat(20)] as const))
]

const repoLine = ({ createEvent, creationTime, id, kind, pinned, state, tagName }: RepoRow): string =>
  `${row(String(id), kind, state, String(createEvent), timeText(creationTime, { utc: false }), tagName)}${pinned ? " [PINNED]" : ""}`
