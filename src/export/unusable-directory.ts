import { Data } from "effect"

/** A directory cannot be read or written to at all. */
export class UnusableDirectory extends Data.TaggedError("UnusableDirectory")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}
