import { Either } from "effect"
import { HubRefused } from "./errors.ts"

/** Refuses a change with every problem there is, each once, a line each. */
export const refuseAny = (problems: ReadonlyArray<string | undefined>): Either.Either<void, HubRefused> => {
  const found = problems.filter((problem) => problem !== undefined)
  return found.length > 0 ? Either.left(new HubRefused({ reason: [...new Set(found)].join("\n") })) : Either.void
}
