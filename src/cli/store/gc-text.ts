import type { Amount, Because, GcPolicy, GcReport, Judgement } from "../../../graph/index.ts"
import { ageText } from "../words/age.ts"
import { sizeText } from "../words/size.ts"

/** What a report is about. Times in milliseconds since the epoch. */
export interface GcAbout {
  readonly store: string
  readonly policy: GcPolicy
  readonly dryRun: boolean
  readonly now: number
}

/** The lines of a garbage collection: each state with its reason, what is of no state, what it comes to. */
export const gcLines = (report: GcReport, about: GcAbout): ReadonlyArray<string> => [
  ...report.states.map((judgement) => stateLine(judgement, report, about)),
  ...partLine(report.recent, `stay: they were written less than ${ageText(about.policy.keepWithin)} ago`),
  ...partLine(report.unreached, report.heldBy === null ? "go" : "stay"),
  ...report.memories.flatMap(({ kept, name }) =>
    kept ? [] : [`what was remembered as "${name}" goes: no state that stays has it`]
  ),
  ...report.strays.map((name) => `the file incoming/${name} goes: a killed process left it half-written`),
  ...report.oldLayouts.map((path) => `${path} goes: no version of distgraph that uses this store reads it`),
  ...heldLine(report, about),
  ...boundLine(report, about),
  sumLine(report, about)
]

/** The same for programs. Sizes in bytes, times in Unix seconds. */
export const gcData = (report: GcReport, { dryRun, policy, store }: GcAbout) => ({
  dry_run: dryRun,
  store,
  policy: {
    keep_within: policy.keepWithin / 1000,
    lifetime: policy.lifetime / 1000,
    max_size: policy.maxSize
  },
  states: report.states.map(({ amount, because, kept, state }) => ({
    label: state.label,
    run: state.run,
    last_used: state.lastUsed / 1000,
    verdict: kept || report.heldBy !== null ? "stays" : "goes",
    because,
    ...amount
  })),
  recent: report.recent,
  unreached: report.unreached,
  forgotten: report.memories.flatMap(({ kept, name }) => (kept ? [] : [name])),
  half_written_files: report.strays.length,
  old_layouts: report.oldLayouts,
  held_by: report.heldBy,
  fits: report.fits,
  kept_bytes: report.keptBytes,
  size: report.size
})

const stateLine = ({ amount, because, kept, state }: Judgement, { heldBy }: GcReport, about: GcAbout): string => {
  const verdict = kept || heldBy !== null ? "stays" : "goes"
  const age = ageText(about.now - state.lastUsed)
  return `${state.label}, run ${state.run} (${amountText(amount)} of its own) ${verdict}: ${reasonText(because, age, about)}`
}

const reasonText = (because: Because, age: string, { policy }: GcAbout): string => {
  switch (because) {
    case "recent":
    case "held":
      return `it was used ${age} ago`
    case "newest":
      return `it is the newest, used ${age} ago`
    case "fits":
      return `there is room for it, though it was used ${age} ago`
    case "size":
      return `it was used ${age} ago, and there is no room for it`
    case "unused":
      return `it was not used for ${ageText(policy.lifetime)}`
    case "foreign":
      return `another version of distgraph made it, ${age} ago, and this one cannot use it`
  }
}

const partLine = (amount: Amount, rest: string): ReadonlyArray<string> =>
  amount.nodes + amount.blobs === 0 ? [] : [`${amountText(amount)} that no state has ${rest}`]

const heldLine = ({ heldBy }: GcReport, { policy }: GcAbout): ReadonlyArray<string> =>
  heldBy === null
    ? []
    : [
        `nothing of it goes: run ${heldBy.id} (${heldBy.label}) was made by another version of distgraph less than ` +
          `${ageText(policy.keepWithin)} ago, and what it needs cannot be told; run gc of that version, or wait`
      ]

const boundLine = ({ fits, keptBytes }: GcReport, { policy: { maxSize } }: GcAbout): ReadonlyArray<string> =>
  fits || maxSize === null
    ? []
    : [
        `the bound of ${sizeText(maxSize)} cannot be met: what was used lately and the newest states take ${sizeText(keptBytes)}`
      ]

const sumLine = ({ keptBytes, size }: GcReport, { dryRun, store }: GcAbout): string =>
  dryRun
    ? `${store} has ${sizeText(size.before)}, and about ${sizeText(keptBytes)} would stay`
    : `${store} has ${sizeText(size.after ?? size.before)}, and had ${sizeText(size.before)}`

const amountText = ({ blobs, bytes, nodes }: Amount): string =>
  `${counted(nodes, "result")}, ${counted(blobs, "blob")}, ${sizeText(bytes)}`

const counted = (count: number, what: string): string => (count === 1 ? `1 ${what}` : `${count} ${what}s`)
