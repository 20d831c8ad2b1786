import type { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import type { Reference } from "../blob-codec.ts"
import type { BlobReader } from "../blob-reader.ts"
import { nextTurn } from "../next-turn.ts"
import type { AnyRule } from "../rule.ts"
import type { RunRecord, StoreError } from "../store.ts"
import type { Census } from "./census.ts"
import { type Amount, type Marking, marking } from "./marking.ts"
import { type GcPolicy, type RootKind, recentSince, type Standing, type State, statesOf } from "./states.ts"

/** Why a state stays (`recent`, `held`, `newest`, `fits`) or goes (`size`, `unused`, `foreign`). */
export type Because = Exclude<Standing, "older"> | "fits" | "size"

export interface Judgement {
  readonly state: State
  readonly kept: boolean
  readonly because: Because
  /** What none of the states before it has too. */
  readonly amount: Amount
}

/** What of a store stays and what goes, and why. */
export interface Survey {
  readonly census: Census
  readonly marks: Marking
  readonly judgements: ReadonlyArray<Judgement>
  /** What was written lately and is of no state: of runs that failed, were interrupted, or go on. */
  readonly recent: Amount
  /** What is of no state. */
  readonly unreached: Amount
  readonly memories: ReadonlyArray<{ readonly name: string; readonly kept: boolean }>
  /** Of a run of rules that are not known here, which was lately: what it needs cannot be told, so nothing goes. */
  readonly heldBy: Pick<RunRecord, "id" | "label"> | null
  /** In bytes: what all that stays takes. */
  readonly keptBytes: number
  /** Whether that is within the policy's bound. */
  readonly fits: boolean
}

export interface SurveyOptions {
  readonly database: DatabaseSync
  readonly blobs: BlobReader
  /** By fingerprint. */
  readonly rules: ReadonlyMap<string, AnyRule>
  readonly remembered: (name: string, text: string) => ReadonlyArray<Reference>
  readonly policy: GcPolicy
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly attempt: <A>(run: () => A) => Effect.Effect<A, StoreError>
}

/** Judges what a census counted. Takes a turn now and then, so that it can be interrupted. */
export const survey = (
  census: Census,
  { attempt, blobs, database, now, policy, remembered, rules }: SurveyOptions
): Effect.Effect<Survey, StoreError> =>
  Effect.gen(function* () {
    const since = recentSince(policy, now)
    const marks = marking(census, { rules, database, blobs })
    const followed = Effect.gen(function* () {
      while (yield* attempt(() => marks.work(longestDeaf))) yield* nextTurn
    })
    const kindOf = (root: string): RootKind => {
      const node = census.nodes.find(root)
      if (node < 0) return "absent"
      return rules.has(census.batches.get(census.batchOf[node] ?? 0)?.fingerprint ?? "") ? "known" : "foreign"
    }
    const states = statesOf(census.runs, kindOf, { since, now, lifetime: policy.lifetime })
    const recent = recentParts(census, since, now)
    const followState = (group: number) => {
      marks.addNode(census.nodes.find(states[group]?.root ?? ""), group)
      return followed
    }

    let keptBytes = 0
    for (const [group, { standing }] of states.entries()) {
      if (!staysAnyway.has(standing)) continue
      yield* followState(group)
      keptBytes += marks.amount(group).bytes
    }
    const recentGroup = states.length
    for (const node of recent.nodes) marks.addNode(node, recentGroup)
    yield* followed
    for (const blob of recent.blobs) marks.addBlob(blob, recentGroup)
    const found = marks.amount(recentGroup)
    const unnamed = unnamedBytes(census, marks, (pack) => pack > recent.after)
    const recentAmount = { ...found, bytes: found.bytes + unnamed }
    keptBytes += recentAmount.bytes

    const limit = policy.maxSize ?? Number.POSITIVE_INFINITY
    const anywayBytes = keptBytes
    const tooMuch = new Set<number>()
    for (const [group, { standing }] of states.entries()) {
      if (standing !== "older") continue
      if (tooMuch.size === 0) yield* followState(group)
      const { bytes } = marks.amount(group)
      if (tooMuch.size > 0 || keptBytes + bytes > limit) {
        tooMuch.add(group)
        marks.giveUp(group)
      } else keptBytes += bytes
    }
    const judged = states.map((state, group) => {
      const { standing } = state
      const because: Because = standing === "older" ? (tooMuch.has(group) ? "size" : "fits") : standing
      return { state, because, kept: !goes.has(because), group }
    })
    for (const { group, kept } of judged) if (!kept) marks.giveUp(group)

    const memoryGroup = states.length + 1
    const memories: Array<{ readonly name: string; readonly kept: boolean }> = []
    for (const { name, text } of census.memories) {
      const references = remembered(name, text)
      const kept = references.length === 0 || references.some(({ digest }) => marks.keepsBlob(census.blob(digest)))
      if (kept) marks.addReferences(references, memoryGroup)
      memories.push({ name, kept })
    }
    yield* followed
    keptBytes += marks.amount(memoryGroup).bytes
    for (const { group, kept } of judged) if (!kept) yield* followState(group)

    return {
      census,
      marks,
      judgements: judged.map(({ because, group, kept, state }) => ({
        state,
        because,
        kept,
        amount: marks.amount(group)
      })),
      recent: recentAmount,
      unreached: unreachedIn(census, marks, recent.after),
      memories,
      heldBy: heldBy(states, census, rules, since),
      keptBytes,
      fits: anywayBytes <= limit
    }
  })

/** Milliseconds between two turns. */
const longestDeaf = 20

const staysAnyway: ReadonlySet<Standing> = new Set(["recent", "held", "newest"])

const goes: ReadonlySet<Because> = new Set(["size", "unused", "foreign"])

/** What was written since then, by runs or, where it is of none that ended well, beside them. */
const recentParts = (census: Census, since: number, now: number) => {
  const lately = recentRuns(census, since)
  // all that there is was written before now
  const after = since >= now ? census.newestPack : census.packAt(since)
  const nodes: Array<number> = []
  for (let node = 0; node < census.nodes.length; node += 1) {
    const batch = census.batches.get(census.batchOf[node] ?? 0)
    if (batch !== undefined && lately.has(batch.run)) nodes.push(node)
  }
  const blobs: Array<number> = []
  for (let blob = 0; blob < census.packed.length; blob += 1) {
    if ((census.packOf[blob] ?? 0) > after) blobs.push(blob)
  }
  for (const [at, { written }] of census.files.entries()) {
    if (written >= since && since < now) blobs.push(census.packed.length + at)
  }
  return { nodes, blobs, after }
}

const recentRuns = ({ runs }: Census, since: number): ReadonlyMap<number, RunRecord> =>
  new Map(runs.filter(({ finished, started }) => (finished ?? started) >= since).map((run) => [run.id, run]))

/** What packs take for blobs of which no reference told the size, and for what in them is no blob's any more. */
const unnamedBytes = (census: Census, marks: Marking, isMeant: (pack: number) => boolean): number => {
  const named = new Map<number, number>()
  for (let blob = 0; blob < census.packed.length; blob += 1) {
    const pack = census.packOf[blob] ?? 0
    named.set(pack, (named.get(pack) ?? 0) + (marks.blobSize[blob] ?? 0))
  }
  let sum = 0
  for (const [id, { bytes, size }] of census.packs) {
    if (isMeant(id)) sum += bytes * (1 - Math.min(1, (named.get(id) ?? 0) / Math.max(1, size)))
  }
  return Math.round(sum)
}

const unreachedIn = (census: Census, marks: Marking, after: number): Amount => {
  const amount = { nodes: 0, blobs: 0, bytes: unnamedBytes(census, marks, (pack) => pack <= after) }
  for (let node = 0; node < census.nodes.length; node += 1) {
    if (marks.nodeGroup[node] !== -1) continue
    const batch = census.batches.get(census.batchOf[node] ?? 0)
    amount.nodes += 1
    amount.bytes += batch === undefined ? 0 : batch.bytes / Math.max(1, batch.nodes)
  }
  for (let blob = 0; blob < census.blobs; blob += 1) {
    if (marks.blobGroup[blob] !== -1) continue
    amount.blobs += 1
    if (blob >= census.packed.length) amount.bytes += census.files[blob - census.packed.length]?.bytes ?? 0
  }
  return { ...amount, bytes: Math.round(amount.bytes) }
}

/** Two versions of the program may use one store, and each knows only what its own rules name. */
const heldBy = (
  states: ReadonlyArray<State>,
  census: Census,
  rules: SurveyOptions["rules"],
  since: number
): Survey["heldBy"] => {
  const state = states.find(({ standing }) => standing === "held")
  if (state !== undefined) return { id: state.run, label: state.label }
  const lately = recentRuns(census, since)
  for (const { fingerprint, run } of census.batches.values()) {
    const of = lately.get(run)
    if (of !== undefined && !rules.has(fingerprint)) return { id: run, label: of.label }
  }
  return null
}
