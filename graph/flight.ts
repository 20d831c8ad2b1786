import { EngineFault, type NodeFailure } from "./failure.ts"
import type { AnyRule } from "./rule.ts"
import type { Demand } from "./store.ts"

/** A node on its way: what it asked for, what went wrong, and how long it waited for others. */
export interface Flight {
  readonly rule: AnyRule
  readonly label: string
  readonly demands: Array<Demand>
  /** Errors of nodes it asked for. Failing with one of them is no failure of its own. */
  readonly handed: Set<unknown>
  /** An accident, kept here because the rule's code may have swallowed it. */
  fault: EngineFault | undefined
  /** Flights are numbered as they start: what an earlier one asks for goes first, so that it ends before others begin. */
  readonly order: number
  readonly clock: Clock
}

/** Milliseconds, to tell a node's own time. A plan may wait for several demands at once, which counts once. */
interface Clock {
  started: number
  waits: number
  waitingSince: number
  waited: number
}

/** Actions ask for nothing, so nothing is handed to them. */
const nothing: Set<unknown> = new Set()

export const startFlight = (rule: AnyRule, label: string, order: number): Flight => ({
  rule,
  label,
  order,
  demands: [],
  handed: rule.kind === "plan" ? new Set() : nothing,
  fault: undefined,
  clock: { started: performance.now(), waits: 0, waitingSince: 0, waited: 0 }
})

export const startWaiting = ({ clock }: Flight): void => {
  clock.waits += 1
  if (clock.waits === 1) clock.waitingSince = performance.now()
}

export const stopWaiting = ({ clock }: Flight): void => {
  clock.waits -= 1
  if (clock.waits === 0) clock.waited += performance.now() - clock.waitingSince
}

export const ownMs = ({ clock }: Flight): number => performance.now() - clock.started - clock.waited

export const nameOf = (rule: string, label: string): string => `${rule} ${label}`.trimEnd()

/** In a dry run: the node that stands in the way. */
export const wouldRun = (error: unknown): string | undefined =>
  error instanceof EngineFault && error.failure._tag === "WouldRun" ? error.failure.node : undefined

/** A node that ended without an output. */
export interface FailedFlight {
  readonly flight: Flight
  readonly error: unknown
}

/**
 * The nodes that failed by themselves, each once, in the order in which they were asked for. A plan that recovered from a failure
 * has not failed, so nothing below it counts.
 */
export const failuresBelow = (root: string, failed: ReadonlyMap<string, FailedFlight>): ReadonlyArray<NodeFailure> => {
  const failures: Array<NodeFailure> = []
  const seen = new Set<string>()
  const visit = (key: string, wantedBy: ReadonlyArray<string>): void => {
    const ended = failed.get(key)
    if (ended === undefined || seen.has(key)) return
    seen.add(key)
    const { error, flight } = ended
    const node = nameOf(flight.rule.name, flight.label)
    for (const demand of flight.demands) visit(demand.key, [node, ...wantedBy])
    if (!flight.handed.has(error) && wouldRun(error) === undefined) failures.push({ node, error, wantedBy })
  }
  visit(root, [])
  return failures
}
