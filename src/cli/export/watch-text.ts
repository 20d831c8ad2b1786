import { match } from "ts-pattern"
import { UnusableContent } from "../../../rules/index.ts"
import type { Assessment } from "../../export/watch/assess.ts"
import type { Patience, TagOutcome } from "../../export/watch/export-tag.ts"
import type { Cause } from "../../source/source.ts"
import { ageText } from "../words/age.ts"
import { causeWords } from "../words/cause-words.ts"
import { publishedRepo } from "../words/published-repo.ts"
import { ExportFailed, isRunFailed } from "./export-failure.ts"

/** What is said of a tag: lines, the first of which tells the essence; and its entry in the JSON. */
export interface TagReport {
  readonly lines: ReadonlyArray<string>
  readonly data: { readonly tag: string; readonly status: string } & Readonly<Record<string, unknown>>
  /** Something is wrong that somebody has to see to. */
  readonly isProblem: boolean
}

/** What became of a tag. */
export const outcomeReport = (tag: string, outcome: TagOutcome): TagReport =>
  match(outcome)
    .with({ _tag: "Published" }, ({ output, repo }) => {
      const { id, latest, path } = repo
      return fine(tag, "published", publishedRepo(repo), { repo: { id, path, latest }, unsigned: output.unsigned })
    })
    .with({ _tag: "UpToDate" }, { _tag: "Unchanged" }, ({ repo }) =>
      fine(tag, "unchanged", `unchanged since repo ${repo.id} (${repo.path})`, { repo })
    )
    .with({ _tag: "Overtaken" }, ({ repo }) =>
      fine(tag, "overtaken", `repo ${repo.id}, which has the content of event ${repo.createEvent}, is newer`, { repo })
    )
    .with({ _tag: "Waiting" }, { _tag: "Refused" }, ({ _tag, patience, problem }) => ({
      lines: hindranceLines(tag, problem, patience, _tag === "Waiting"),
      data: {
        tag,
        status: _tag === "Waiting" ? "waiting" : "refused",
        since: patience === null ? null : patience.since / 1000,
        until: patience === null ? null : patience.until / 1000,
        keys: problem.keys,
        unsigned: problem.unsigned,
        sameFileNames: problem.sameFileNames
      },
      isProblem: _tag === "Refused"
    }))
    .with({ _tag: "Failed" }, ({ error }) => {
      const message = isRunFailed(error)
        ? new ExportFailed({ tag, failures: error.failures, story: null }).message
        : `${tag}: ${error.message}`
      return {
        lines: message.split("\n"),
        data: { tag, status: "failed", error: { _tag: error._tag, message } },
        isProblem: true
      }
    })
    .exhaustive()

/** That a tag asks for exports in a way that nothing can come of. */
export const unusableReport = (tag: string, problems: ReadonlyArray<string>): TagReport => ({
  lines: problems,
  data: { tag, status: "unusable", problems },
  isProblem: true
})

/** What would become of a tag, and why. `causes`: what changed its content since the repo that it has. */
export const assessmentReport = (
  tag: string,
  assessment: Assessment,
  causes: ReadonlyArray<Cause>,
  hindrance: Extract<TagOutcome, { readonly _tag: "Waiting" | "Refused" }> | null
): TagReport => {
  if (assessment._tag === "UpToDate") return outcomeReport(tag, assessment)
  if (hindrance !== null) return outcomeReport(tag, hindrance)
  const { because, problem } = assessment
  const why = match(because)
    .with({ _tag: "NoRepo" }, () => "it has no repo with these options")
    .with({ _tag: "RepoGone" }, ({ repo }) => `repo ${repo} is not there any more`)
    .with({ _tag: "OtherRules" }, ({ repo }) => `another version of distgraph made repo ${repo}`)
    .with({ _tag: "OtherContent" }, ({ event, repo }) => `its content has changed since repo ${repo} (event ${event})`)
    .exhaustive()
  const copies = problem?.missingFiles ?? []
  return {
    lines: [
      `${tag}: would be exported: ${why}`,
      ...causes.map((cause) => `  event ${cause.event}: ${cause.subject}: ${causeWords(cause.what, cause.tag)}`),
      ...(copies.length === 0
        ? []
        : [`  ${counted(copies.length, "signed copy", "signed copies")} would be written first:`]),
      ...copies.map(({ path }) => `    ${path}`)
    ],
    data: { tag, status: "due", because, causes, copies },
    isProblem: false
  }
}

const fine = (tag: string, status: string, text: string, data: Readonly<Record<string, unknown>>): TagReport => ({
  lines: [`${tag}: ${text}`],
  data: { tag, status, ...data },
  isProblem: false
})

const hindranceLines = (
  tag: string,
  problem: UnusableContent,
  patience: Patience | null,
  waits: boolean
): ReadonlyArray<string> => {
  const { keys, unsigned } = problem
  const others = new UnusableContent({ ...problem, unsigned: [] }).message
  const lines = unsigned.map(({ available, nvra }) => `  ${nvra}: ${keyWords(available)}`)
  if (patience !== null) {
    const what = `${counted(unsigned.length, "rpm is", "rpms are")} not signed with ${keys.join(" nor ")}`
    const bound = patience.until - patience.since
    const time = `${ageText(bound)} after the first of them came into the tag`
    lines.unshift(
      waits
        ? `${tag} waits for signatures until ${new Date(patience.until).toISOString()}, ${time}: ${what}:`
        : `${tag} is not exported: ${what}${bound === 0 ? "" : `, ${time}`}; import signatures with import-sig:`
    )
  }
  if (others === "") return lines
  return [...(patience === null ? [`${tag} is not exported:`] : [...lines, "and:"]), ...others.split("\n")]
}

const keyWords = (keys: ReadonlyArray<string>): string =>
  keys.length === 0 ? "no signatures" : keys.map((key) => (key === "" ? "unsigned" : key)).join(", ")

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`
