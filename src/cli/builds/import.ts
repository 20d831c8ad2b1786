import { basename } from "node:path"
import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ImportOutcome } from "../../hub/model.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { Output } from "../frame/output.ts"
import { withNewHub } from "../open-hub.ts"
import type { Import } from "./build-specs.ts"

export const importRpms = ({ files, topdir }: ArgsOf<typeof Import>) =>
  Effect.gen(function* () {
    const { talk } = yield* Output
    const outcomes = yield* withNewHub(
      topdir,
      Effect.flatMap(Hub, (hub) => hub.importRpms(files))
    )
    yield* talk(...outcomes.flatMap(outcomeLines))
    return { lines: [], data: { rpms: outcomes } } satisfies Report
  })

const outcomeLines = ({ file, outcome }: ImportOutcome): ReadonlyArray<string> =>
  outcome === "imported"
    ? [`importing ${basename(file)}... done`]
    : [`RPM already imported: ${file}`, "Skipping import"]
