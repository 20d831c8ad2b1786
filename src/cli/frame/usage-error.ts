import { Data } from "effect"

/** The command cannot be understood as it was typed; its usage is shown with the message, and the exit code is 2. */
export class UsageError extends Data.TaggedError("UsageError")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}
