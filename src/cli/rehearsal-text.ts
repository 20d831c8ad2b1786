import type { Rehearsal, Rehearsed } from "../../graph/index.ts"

/** What a dry run found, as lines: steps that would run first, then what waits for them, then what is there already. */
export const rehearsalText = (
  { hits, nodes }: Rehearsal,
  about: { readonly tag: string; readonly unchanged: number | null; readonly everything: boolean }
): ReadonlyArray<string> => {
  const reused = [...hits].map(([rule, count]) => `  ${`${rule} ×${count}`.padEnd(36)} hit`)
  if (about.unchanged !== null)
    return [`${about.tag} is unchanged since repo ${about.unchanged}: nothing would run`, ...reused]
  if (nodes.length === 0) {
    return [`${about.tag}: every step is in the store already; a new repo would be published from it`, ...reused]
  }
  const lines = [...Map.groupBy(nodes, ({ rule, status }) => `${status} ${rule}`)].flatMap(([, alike]) => {
    // The same step of several repositories looks the same.
    const each = [...Map.groupBy(alike, line)].map(([text, same]) =>
      same.length === 1 ? text : `${text} (×${same.length})`
    )
    if (about.everything || each.length <= 4) return each
    return [...each.slice(0, 2), `  … and ${each.length - 2} more ${alike[0]?.rule} (--explain-all lists them)`]
  })
  return [
    `${about.tag}: dry run, nothing is published; what stands on a step that would run is not known further`,
    ...lines,
    ...reused
  ]
}

const line = (node: Rehearsed): string =>
  `  ${`${node.rule} ${node.label}`.trimEnd().padEnd(36)} ${node.status === "would-run" ? "would run" : `waits for ${node.for}`}`
