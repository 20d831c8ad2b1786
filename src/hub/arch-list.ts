import { Either } from "effect"
import type { HubRefused } from "./errors.ts"
import { refuseAny } from "./refuse-any.ts"

/** Arches as Koji stores them: names separated by single spaces. Koji's command takes commas too. */
export const archList = (text: string): Either.Either<string, HubRefused> => {
  const arches = text.split(/[\s,]+/).filter((arch) => arch !== "")
  const bad = arches.filter((arch) => !/^[A-Za-z0-9_-]+$/.test(arch))
  const problems = bad.map((arch) => `'${arch}' is no architecture: letters, digits, _ and - are allowed`)
  return Either.map(refuseAny(problems), () => arches.join(" "))
}
