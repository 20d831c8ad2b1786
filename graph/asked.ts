import { Deferred, type Either, Exit } from "effect"
import type { AnyRule, EncodedInput } from "./rule.ts"

/** A node of one attempt, from the first demand for it on. */
export interface Asked {
  readonly key: string
  readonly rule: AnyRule
  readonly label: string
  /** About how many milliseconds it will take; 0 for a plan. */
  readonly cost: number
  /** It was being computed when a worker thread died: it gets a thread to itself. */
  suspect: boolean
  /** A worker thread missed a blob that was not written out yet: next time all are, first. */
  missed: boolean
  /** Dropped when there is an outcome. */
  input: EncodedInput
  /** Once the node is on its way: all that wait for it. */
  waiters: Array<Countdown> | undefined
  outcome: Settled | undefined
}

/** A node's output, or the very error it failed with. */
export type Settled = Either.Either<unknown, unknown>

/** Opens when so many nodes have settled: one thing to wait for, however many nodes a demand waits for. */
export interface Countdown {
  left: number
  readonly open: Deferred.Deferred<void>
}

/** Gives a node its outcome, and whoever waits for it its turn. */
export const settle = (node: Asked, outcome: Settled): void => {
  const waiters = node.waiters ?? []
  node.outcome = outcome
  node.waiters = undefined
  node.input = dropped
  for (const countdown of waiters) {
    countdown.left -= 1
    if (countdown.left === 0) Deferred.unsafeDone(countdown.open, Exit.void)
  }
}

const dropped: EncodedInput = { encoded: undefined, text: "" }
