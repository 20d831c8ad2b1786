import { Effect } from "effect"
import { match } from "ts-pattern"
import { Hub } from "../../hub/hub.ts"
import type { SignatureOutcome } from "../../hub/model.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { Output } from "../frame/output.ts"
import { UsageError } from "../frame/usage-error.ts"
import { withHub } from "../open-hub.ts"
import type { ImportSig } from "./build-specs.ts"

export const importSig = ({ files, write, nowrite, topdir }: ArgsOf<typeof ImportSig>) =>
  Effect.gen(function* () {
    if (write && nowrite) return yield* new UsageError({ reason: "--write and --nowrite exclude each other" })
    const { talk } = yield* Output
    const outcomes = yield* withHub(
      topdir,
      Effect.flatMap(Hub, (hub) => hub.importSignatures(files, { write: !nowrite }))
    )
    yield* talk(...outcomes.flatMap(outcomeLines))
    return { lines: [], data: { signatures: outcomes } } satisfies Report
  })

const outcomeLines = ({ file, sigkey, outcome, written }: SignatureOutcome): ReadonlyArray<string> => {
  const words = match(outcome)
    .with("imported", () => `Importing signature [key ${sigkey}] from ${file}...`)
    .with("already-imported", () => `Signature already imported: ${file}`)
    .with("unsigned", () => `Skipping unsigned package: ${file}`)
    .exhaustive()
  return written ? [words, "Writing signed copy"] : [words]
}
