import { Effect } from "effect"
import type { DryRunResult } from "../../export/dist-repo.ts"
import type { Report } from "../frame/command.ts"
import { Output } from "../frame/output.ts"
import { UsageError } from "../frame/usage-error.ts"
import { dryRunText } from "./dry-run-text.ts"

/** Warns, and reports what would run. */
export const dryRunReport = (
  tag: string,
  { explainAll }: { readonly explainAll: boolean },
  { found, unchanged, warnings }: DryRunResult
): Effect.Effect<Report, never, Output> =>
  Effect.gen(function* () {
    const { warn } = yield* Output
    yield* Effect.forEach(warnings, warn)
    return {
      lines: dryRunText(found, { tag, unchanged, everything: explainAll }),
      data: { status: "dry-run", unchanged, nodes: found.nodes, hits: Object.fromEntries(found.hits) }
    }
  })

/** What does not go with `--dry-run`. */
export const dryRunMisuse = (args: {
  readonly dryRun: boolean
  readonly profileRun: string | undefined
}): UsageError | undefined =>
  args.dryRun && args.profileRun !== undefined
    ? new UsageError({ reason: "--profile-run has nothing to show of a --dry-run: leave one of the two out" })
    : undefined
