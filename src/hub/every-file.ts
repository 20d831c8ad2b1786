import { Effect, Either } from "effect"
import { type RpmProblem, RpmsRefused } from "./errors.ts"
import { BadRpmFile } from "./rpm-file.ts"

/**
 * Does something with each file, one after the other, and gives what came of it in their order. Of files that cannot be
 * taken all are found, and named in one failure; any other failure ends it at once.
 */
export const everyFile = <A, E, R>(
  files: ReadonlyArray<string>,
  work: (file: string, number: number) => Effect.Effect<A, BadRpmFile | E, R>
): Effect.Effect<ReadonlyArray<A>, E | RpmsRefused, R> =>
  Effect.gen(function* () {
    const results: Array<A> = []
    const problems: Array<RpmProblem> = []
    for (const [number, file] of files.entries()) {
      const result = yield* Effect.either(work(file, number))
      if (Either.isRight(result)) results.push(result.right)
      else if (result.left instanceof BadRpmFile) problems.push({ file, reason: result.left.reason })
      else return yield* Effect.fail(result.left)
    }
    return problems.length > 0 ? yield* new RpmsRefused({ problems }) : results
  })
