import { Schema } from "effect"

/** A file of metadata that was given and cannot be taken into a repository. */
export class UnusableMetadata extends Schema.TaggedError<UnusableMetadata>()("UnusableMetadata", {
  /** What people know it by; several where they do not fit together. */
  files: Schema.Array(Schema.String),
  /** Every problem in a line of its own. */
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.files.join(", ")} cannot be used:${this.reason.includes("\n") ? "\n" : " "}${this.reason}`
  }
}

/** A file of metadata that was given, and what people know it by. */
export const GivenFile = <A, I>(content: Schema.Schema<A, I>) => Schema.Struct({ name: Schema.String, content })
