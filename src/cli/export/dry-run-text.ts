import type { DryRun, DryRunNode } from "../../../graph/index.ts"

/** What a dry run found, as lines: steps that would run first, then what waits for them, then what is there already. */
export const dryRunText = (
  { hits, nodes }: DryRun,
  about: { readonly tag: string; readonly unchanged: number | null; readonly everything: boolean }
): ReadonlyArray<string> => {
  const reused = [...hits].flatMap(([rule, labels]) =>
    about.everything ? labels.map((label) => row(rule, label, "hit")) : row(rule, `×${labels.length}`, "hit")
  )
  if (about.unchanged !== null)
    return [`${about.tag} is unchanged since repo ${about.unchanged}: nothing would run`, ...reused]
  const lines = [...Map.groupBy(nodes, ({ rule, status }) => `${status} ${rule}`)].flatMap(([, alike]) => {
    // The same step of several repositories looks the same.
    const each = [...Map.groupBy(alike, line)].map(([text, same]) =>
      same.length === 1 ? text : `${text} (×${same.length})`
    )
    if (about.everything || each.length <= 4) return each
    return [...each.slice(0, 2), `  … and ${each.length - 2} more ${alike[0]?.rule} (--explain-all lists them)`]
  })
  const allThere = nodes.every(({ status }) => status === "planned")
  const headline = allThere
    ? "every step is in the store already; a new repo would be published from it"
    : "dry run, nothing is published; what stands on a step that would run is not known further"
  return [`${about.tag}: ${headline}`, ...lines, ...reused]
}

const row = (rule: string, label: string, outcome: string): string =>
  `  ${`${rule} ${label}`.trimEnd().padEnd(36)} ${outcome}`

const line = (node: DryRunNode): string => row(node.rule, node.label, outcomeOf(node))

const outcomeOf = (node: DryRunNode): string => {
  if (node.status === "waits") return `waits for ${node.for}`
  return node.status === "would-run" ? "would run" : "planned"
}
