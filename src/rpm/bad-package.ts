import { Data } from "effect"

/**
 * A file that is not a package we can take: damaged, hostile, or not a package at all. `reason` says what is wrong in
 * words that follow "this file is not a usable package:"; the caller, who knows it, adds the file's name.
 */
export class BadPackage extends Data.TaggedError("BadPackage")<{ readonly reason: string }> {
  override get message(): string {
    return `not a usable rpm package: ${this.reason}`
  }
}
