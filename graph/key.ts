import { hash } from "node:crypto"
import { canonicalJson } from "./canonical.ts"
import type { AnyRule } from "./rule.ts"
import type { RuleRecord } from "./store.ts"

/** Raised when keys are made another way. */
const keyFormat = 1

const fingerprints = new WeakMap<AnyRule, string>()

/**
 * Identifies the code of a rule: sha256 of name, version, tool versions, key format and the fingerprints of its needs, so a change
 * anywhere below reaches every rule above. 64 hex digits.
 */
export const fingerprint = (rule: AnyRule): string => {
  const known = fingerprints.get(rule)
  if (known !== undefined) return known
  const made = hash(
    "sha256",
    canonicalJson([keyFormat, rule.name, rule.version, rule.tools, rule.needs.map(fingerprint)]),
    "hex"
  )
  fingerprints.set(rule, made)
  return made
}

/** Identifies a node: sha256 of the rule's fingerprint and the canonical JSON of its encoded input. 64 hex digits. */
export const nodeKey = (rule: AnyRule, input: string): string => hash("sha256", fingerprint(rule) + input, "hex")

const records = new WeakMap<AnyRule, RuleRecord>()

/** What the store keeps of a rule beside its results. */
export const ruleRecord = (rule: AnyRule): RuleRecord => {
  const known = records.get(rule)
  if (known !== undefined) return known
  const { name, needs, tools, version } = rule
  const made = { fingerprint: fingerprint(rule), name, version, tools, needs: needs.map(fingerprint) }
  records.set(rule, made)
  return made
}

/** All rules below a rule and itself, by name. Throws where two different rules share a name: a programming error. */
export const rulesUnder = (root: AnyRule): ReadonlyMap<string, AnyRule> => {
  const found = new Map<string, AnyRule>()
  const visit = (rule: AnyRule): void => {
    const known = found.get(rule.name)
    if (known === rule) return
    if (known !== undefined) throw new TypeError(`two rules are named ${rule.name}`)
    found.set(rule.name, rule)
    rule.needs.forEach(visit)
  }
  visit(root)
  return found
}
