import { Data } from "effect"
import { EngineFault, RunFailed } from "../../../graph/index.ts"
import type { RepoStory } from "../../export/story.ts"

/** An export failed, told for the person who asked for it; with the story of the run where one was asked for. */
export class ExportFailed extends Data.TaggedError("ExportFailed")<{
  readonly tag: string
  readonly failures: RunFailed<Error>["failures"]
  readonly story: typeof RepoStory.Encoded | null
}> {
  override get message(): string {
    return this.failures.map(({ error, node }) => `${this.tag}: ${failureText(error, node)}`).join("\n")
  }
}

export const isRunFailed = (error: unknown): error is RunFailed<Error> => error instanceof RunFailed

/** What a rule says of its input is for people as it is; of an accident they want to know where it happened. */
const failureText = (error: Error, node: string): string =>
  error instanceof EngineFault ? `${error.message} (in ${node})` : error.message
