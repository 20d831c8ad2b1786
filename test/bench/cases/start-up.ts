import { Effect } from "effect"
import { runDistgraph } from "../measure/distgraph.ts"
import { measure } from "../measure/measure.ts"
import { type RunCase, resultOf, rounds } from "./case.ts"
import { everything, storeOf } from "./exporting.ts"

/** What any command takes before it does anything: the version, and a list of one tag. */
export const startUpCase: RunCase = (bench) =>
  Effect.forEach([["--version"], ["list-tags"]], (args) =>
    Effect.gen(function* () {
      const installation = { topdir: bench.data.folders.topdir, store: storeOf(bench, everything.name) }
      const measured = yield* rounds(many, () =>
        Effect.all({
          distgraph: runDistgraph(bench.distgraph, installation, args),
          createrepo: measure(bench.createrepo.command, ["--version"])
        })
      )
      return resultOf(bench, {
        case: "start-up",
        variant: args.join(" "),
        goal: bench.distgraph.built ? "≤ 0.12 s" : "≤ 0.12 s, built",
        distgraph: measured.map(({ distgraph }) => distgraph),
        createrepo: measured.map(({ createrepo }) => createrepo)
      })
    })
  )

/** Short commands vary, and cost nothing. */
const many = 11
