import { match } from "ts-pattern"
import type { Difference, FieldChange, NodeStory, Outcome, Reason } from "../../../graph/index.ts"
import { contentOptions } from "../../export/option-changes.ts"
import type { RepoStory } from "../../export/story.ts"
import { causeWords } from "../words/cause-words.ts"
import { foldedNames } from "../words/folded-names.ts"

/** How a story is told: how wide, and whether what is alike is folded. */
export interface Telling {
  readonly width: number
  readonly everything: boolean
  /** Unix milliseconds, to say how long ago the baseline ran. */
  readonly now: number
}

/** The story of an export as lines: what moved in the tag, then what that made run, and why, then what was spared. */
export const explainText = (story: RepoStory, telling: Telling): ReadonlyArray<string> => {
  const { graph } = story
  const lines = [headline(story, telling), totals(story)]
  const content = foldedNames(story.content.map(contentLine), telling.everything)
  const elsewhere = story.options.some(({ field }) => contentOptions.has(field))
  if (content.length > 0) lines.push("", `what changed in the ${elsewhere ? "content asked for" : "tag"}`, ...content)
  if (story.options.length > 0)
    lines.push("", "what changed in the request", ...story.options.map((change) => `  ${optionWords(change)}`))
  if (graph.failed.length > 0) lines.push("", "what failed", ...graph.failed.flatMap(failureLines))
  const parts = graph.root === null ? [] : sections(graph.root)
  lines.push(
    ...(telling.everything
      ? parts.flatMap(({ name, steps }) => ["", name, ...steps.flatMap((step) => nodeLines(step, 1))])
      : summaries(parts))
  )
  return lines.map((line) => cut(line, telling.width))
}

interface Section {
  readonly name: string
  readonly steps: ReadonlyArray<NodeStory>
}

/** The steps common to all repositories, then those of each: of the root's children, the ones of its arch. */
const sections = (root: NodeStory): ReadonlyArray<Section> => {
  const repositories = new Set(root.children.flatMap(({ label, rule }) => (ofOneArch.has(rule) ? [label] : [])))
  const common = root.children.filter(({ label }) => !repositories.has(label))
  return [
    { name: "all repositories", steps: common },
    ...[...repositories].map((arch) => ({ name: arch, steps: root.children.filter(({ label }) => label === arch) }))
  ].filter(({ steps }) => steps.length > 0)
}

const ofOneArch: ReadonlySet<string> = new Set(["repository", "internal-repository"])

const headline = ({ graph, previous, repo, tag }: RepoStory, { now }: Telling): string => {
  const ids = repo === null ? "" : previous === null ? `: repo ${repo}` : `: repo ${previous} → ${repo}`
  const baseline =
    graph.baseline === null
      ? previous === null
        ? "the first repo, nothing to compare with"
        : `nothing to compare with: the run of repo ${previous} is not in the store`
      : `compared with run ${graph.baseline.id}, ${ago(now - graph.baseline.started)} ago`
  return `${tag}${ids} (run ${graph.run.id}; ${baseline})`
}

const totals = ({ graph }: RepoStory): string => {
  const count = (rows: ReadonlyArray<{ readonly nodes: number }>) => rows.reduce((sum, { nodes }) => sum + nodes, 0)
  const spent = graph.ran.reduce((sum, { ownMs }) => sum + ownMs, 0)
  const saved =
    graph.savedMs < 1 ? "" : `, which ${graph.savedIsPartial ? "saved more than" : "saved"} ${duration(graph.savedMs)}`
  return `ran ${plural(count(graph.ran), "node")} in ${duration(spent)}, reused ${plural(count(graph.reused), "result")}${saved}`
}

const contentLine = (change: RepoStory["content"][number]): string => {
  const { event, tag, what } = change
  return `${differenceWords(change)}${event === null || what === null ? "" : `  (event ${event}: ${causeWords(what, tag)})`}`
}

/** The failure itself is told in full by the error that follows. */
const failureLines = (failure: RepoStory["graph"]["failed"][number]): ReadonlyArray<string> => [
  `  ${failure.node}: ${failure.message.split("\n")[0]}`,
  ...failure.upstreamFailed.map((node) => `    not done because of it: ${node}`)
]

/** A node's line, then those of what it asked for. */
const nodeLines = (node: NodeStory, depth: number): ReadonlyArray<string> => [
  line(depth, nameOf(node), node.outcome, node.toldBefore ? "told above" : outcomeReason(node.outcome)),
  ...node.children.flatMap((child) => nodeLines(child, depth + 1))
]

/** Each part as a line a rule. Repositories in which the same steps ran for the same reasons are told once. */
const summaries = (parts: ReadonlyArray<Section>): ReadonlyArray<string> => {
  const told = new Map<string, string>()
  return parts.flatMap(({ name, steps }) => {
    const rules = [...Map.groupBy(steps.flatMap(flatten), ({ rule }) => rule).values()]
    const ran = rules.flat().filter(({ outcome }) => outcome._tag === "Ran")
    const alike = JSON.stringify(rules.map((nodes) => [nodes[0]?.rule, [...new Set(nodes.map(kindOf))].sort()]))
    const before = ran.length > 0 ? told.get(alike) : undefined
    if (before !== undefined) {
      return [
        "",
        `${name}: ${plural(ran.length, "node")} ran in ${duration(timeOf(ran))}, the same steps for the same reasons as ${before}`
      ]
    }
    told.set(alike, name)
    return ["", name, ...rules.map(ruleLine)]
  })
}

/** All nodes of a part, each once. */
const flatten = (node: NodeStory): ReadonlyArray<NodeStory> =>
  node.toldBefore ? [] : [node, ...node.children.flatMap(flatten)]

const kindOf = ({ outcome }: NodeStory): string => (outcome._tag === "Ran" ? outcome.reason._tag : outcome._tag)

const timeOf = (nodes: ReadonlyArray<NodeStory>): number =>
  nodes.reduce((sum, { outcome }) => sum + (outcome._tag === "Ran" ? outcome.ownMs : 0), 0)

const ruleLine = (nodes: ReadonlyArray<NodeStory>): string => {
  const [first] = nodes
  const ran = nodes.filter(({ outcome }) => outcome._tag === "Ran")
  const [ranFirst] = ran
  const [cutOff] = nodes.filter(({ outcome }) => outcome._tag === "CutOff")
  const rest = nodes.length - ran.length
  const counts = [
    ...(ran.length > 0 ? [`${ran.length} ran in ${duration(timeOf(ran))}`] : []),
    ...(rest > 0 ? [`${rest} ${ran.length === 0 && cutOff !== undefined ? "cut off" : "reused"}`] : [])
  ].join(", ")
  const labels = ran.slice(0, 2).flatMap(({ label }) => (label === "" ? [] : [label]))
  const which = labels.length === 0 || nodes.length === 1 ? "" : `${labels.join(", ")}${ran.length > 2 ? ", …" : ""}: `
  const why =
    ranFirst === undefined
      ? cutOff === undefined
        ? ""
        : outcomeReason(cutOff.outcome)
      : which + outcomeReason(ranFirst.outcome)
  return `  ${(first?.rule ?? "").padEnd(20)} ${counts.padEnd(26)} ${why}`.trimEnd()
}

const indent = (depth: number): string => "  ".repeat(depth)

const line = (depth: number, name: string, outcome: Outcome, reason: string): string =>
  `${(indent(depth) + name).padEnd(38)} ${outcomeWords(outcome).padEnd(12)} ${reason}`.trimEnd()

const nameOf = ({ label, rule }: NodeStory): string => `${rule} ${label}`.trimEnd()

const outcomeWords = (outcome: Outcome): string =>
  match(outcome)
    .with({ _tag: "Ran" }, ({ ownMs }) => `ran ${duration(ownMs)}`)
    .with({ _tag: "Hit" }, () => "reused")
    .with({ _tag: "CutOff" }, () => "cut off")
    .exhaustive()

const outcomeReason = (outcome: Outcome): string =>
  match(outcome)
    .with({ _tag: "Ran" }, ({ reason }) => reasonWords(reason))
    .with({ _tag: "Hit" }, () => "")
    .with({ _tag: "CutOff" }, ({ producers }) => `${producers.join(", ")} ran again and gave the same bytes`)
    .exhaustive()

const reasonWords = (reason: Reason): string =>
  match(reason)
    .with({ _tag: "NeverBuilt" }, () => "never built before")
    .with({ _tag: "InputChanged" }, ({ changes }) => changesWords(changes))
    .with({ _tag: "RuleChanged" }, ({ after, before }) => `the rule changed: version ${before} → ${after}`)
    .with({ _tag: "NeededRuleChanged" }, ({ rules }) => `a rule that it needs changed: ${rules.join(", ")}`)
    .with({ _tag: "ToolChanged" }, ({ tools }) =>
      tools.map(({ after, before, name }) => `${name} ${before} → ${after}`).join(", ")
    )
    .with({ _tag: "OutputLost" }, () => "its result was lost from the store")
    .with({ _tag: "OutputDamaged" }, () => "its stored result was damaged")
    .with({ _tag: "OutputUnreadable" }, () => "its stored result is of an older form")
    .with({ _tag: "Forced" }, () => "forced")
    .exhaustive()

/** Part by part: what made it or what differs in it, where that is known; a stamp is told by its event. */
const changesWords = (changes: ReadonlyArray<FieldChange>): string => {
  const opaque: Array<string> = []
  // an event says more than its time
  const telling = changes.some(({ field }) => field === "stamp.event")
    ? changes.filter(({ field }) => field !== "stamp.time")
    : changes
  const words = [...Map.groupBy(telling, partOf)].flatMap(([part, inPart]) => {
    const known = inPart.filter(({ differences, producedBy }) => producedBy !== undefined || differences.length > 0)
    if (known.length > 0) return known.map(fieldWords)
    if (!inPart.some(({ after, before }) => isOpaque(before) || isOpaque(after))) {
      return inPart.map(fieldWords)
    }
    opaque.push(part)
    return []
  })
  if (opaque.length > 0) words.push(`${opaque.join(", ")} changed`)
  return words.slice(0, 3).join("; ") + more(words.length - 3)
}

/** The part of an input that a field is in: `primary` of `primary.checksum`. */
const partOf = ({ field }: FieldChange): string => field.split(/[.[]/)[0] ?? field

const fieldWords = ({ after, before, differences, field, producedBy }: FieldChange): string => {
  const [first] = differences
  if (producedBy !== undefined) {
    const what = differences.length === 0 ? "" : ` (${plural(differences.length, "package")} of it changed)`
    return `${field} from ${producedBy}${what}`
  }
  if (first !== undefined) return `${field}: ${differenceWords(first)}${more(differences.length - 1)}`
  return `${field}: ${before ?? "absent"} → ${after ?? "absent"}`
}

/** What a request asks for otherwise; of a file that it gives, only that it is another. */
const optionWords = (change: FieldChange): string => {
  const { after, before, field } = change
  if (!isOpaque(before) && !isOpaque(after)) return fieldWords(change)
  return before === undefined ? `${field} added` : after === undefined ? `${field} left out` : `${field} changed`
}

/** A digest or a checksum says nothing to a person. */
const isOpaque = (json: string | undefined): boolean => json !== undefined && /[0-9a-f]{32}/.test(json)

const differenceWords = ({ after, before, detail, kind, subject }: Difference): string => {
  const words = match(kind)
    .with("added", () => `+ ${after}`)
    .with("removed", () => `− ${before}`)
    .with("replaced", () => `${before} → ${after}`)
    .with("changed", () => (before === undefined ? `${subject}: ${after}` : `${subject}: ${before} → ${after}`))
    .exhaustive()
  return detail === undefined ? words : `${words} (${detail})`
}

const more = (count: number): string => (count > 0 ? `, … and ${count} more` : "")

const plural = (count: number, noun: string): string => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`

const duration = (ms: number): string =>
  ms < 0.5
    ? "<1 ms"
    : ms < 1000
      ? `${Math.round(ms)} ms`
      : ms < 60_000
        ? `${(ms / 1000).toFixed(1)} s`
        : `${Math.round(ms / 60_000)} min`

const ago = (ms: number): string =>
  ms < 60_000
    ? `${Math.max(0, Math.round(ms / 1000))} s`
    : ms < 3_600_000
      ? `${Math.round(ms / 60_000)} min`
      : ms < 172_800_000
        ? `${Math.round(ms / 3_600_000)} h`
        : `${Math.round(ms / 86_400_000)} days`

const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(1, width - 1))}…`
