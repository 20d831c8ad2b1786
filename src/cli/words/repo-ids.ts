import { Either } from "effect"
import { UsageError } from "../frame/usage-error.ts"

/** The numbers of words that must be repo ids. */
export const repoIds = (words: ReadonlyArray<string>): Either.Either<ReadonlyArray<number>, UsageError> => {
  const bad = words.find((word) => !/^\d{1,15}$/.test(word))
  return bad === undefined
    ? Either.right(words.map(Number))
    : Either.left(new UsageError({ reason: `'${bad}' is no repo id: it must be a number` }))
}
