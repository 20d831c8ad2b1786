import { type AnyRule, rulesUnder } from "../../graph/index.ts"
import { Createrepo, DistRepo, InternalRepo } from "../../rules/index.ts"

/** Every rule that an export of any kind may ask for, by its name. */
export const allRules: ReadonlyMap<string, AnyRule> = new Map(
  [DistRepo, InternalRepo, Createrepo].flatMap((root) => [...rulesUnder(root)])
)
