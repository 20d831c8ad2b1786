import { Effect } from "effect"
import { type RunCase, resultOf, rounds, UnexpectedOutcome } from "./case.ts"
import { createrepoUpdate, haveMetadata } from "./createrepo-folders.ts"
import { everything, exportTag, makeCurrent } from "./exporting.ts"

/** An export of what is exported already: no new repo. createrepo_c brings its metadata up to date, and finds nothing. */
export const unchangedCase: RunCase = (bench) =>
  Effect.gen(function* () {
    yield* haveMetadata(bench)
    yield* makeCurrent(bench, everything)
    const measured = yield* rounds(bench.options.rounds, () =>
      Effect.gen(function* () {
        const createrepo = yield* createrepoUpdate(bench)
        const { cost, status } = yield* exportTag(bench, everything)
        if (status !== "unchanged") {
          return yield* new UnexpectedOutcome({ when: "unchanged", what: "distgraph made a new repo" })
        }
        return { distgraph: cost, createrepo }
      })
    )
    return [
      resultOf(bench, {
        case: "unchanged",
        goal: "≤ 0.4 s",
        distgraph: measured.map(({ distgraph }) => distgraph),
        createrepo: measured.map(({ createrepo }) => createrepo)
      })
    ]
  })
