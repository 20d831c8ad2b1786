import { Data, Duration, Either } from "effect"
import { UsageError } from "../frame/usage-error.ts"

/** What was waited for did not come in time. */
export class TimedOut extends Data.TaggedError("TimedOut")<{ readonly what: string; readonly minutes: number }> {
  override get message(): string {
    return `Timeout: ${this.what} within ${this.minutes} minute${this.minutes === 1 ? "" : "s"}; --timeout gives it longer`
  }
}

/** The value of `--timeout`; Koji's default is two hours. */
export const minutesOf = (minutes = 120): Either.Either<Duration.Duration, UsageError> =>
  minutes > 0
    ? Either.right(Duration.minutes(minutes))
    : Either.left(new UsageError({ reason: `--timeout must be at least 1, not ${minutes}` }))
