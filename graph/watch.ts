import type { AnyRule, Rule } from "./rule.ts"

/** Who wants to hear of one rule's outputs while a run goes on. */
export interface Watch {
  readonly rule: AnyRule
  readonly told: (output: unknown) => void
}

/**
 * Tells of each output of a rule as soon as it is there, computed or taken from the store, so that work on it can begin before the
 * run ends. Not of those below a result that was taken, since nobody asks for them; and of some again where a run has to try again.
 */
export const watch = <I, O, E>(rule: Rule<string, I, O, E>, told: (output: O) => void): Watch => ({
  rule,
  // only outputs of this very rule are told
  told: (output) => told(output as O)
})
