import { existsSync } from "node:fs"
import { join } from "node:path"
import { Data, Effect } from "effect"
import { fixture } from "../../kit/fixtures.ts"
import { type DataOptions, type NotEnoughRoom, openDataSet } from "../data/data-set.ts"
import { factsOf } from "../data/facts.ts"
import type { BenchOptions } from "../options.ts"
import { distributionModels } from "../packages/models.ts"
import { filesOf, type NoFileLists, recordedFiles } from "../packages/statistics.ts"
import type { CaseResult, DataFacts } from "../report/report.ts"
import type { Bench, CaseError, CaseName, RunCase } from "./case.ts"
import { coldCase, createrepoCase, vouchedCase } from "./cold.ts"
import { manyBuildsCase, massRebuildCase, oneBuildCase } from "./replaced.ts"
import { schedulerCase } from "./scheduler.ts"
import { publishedSizeCase, storeSizeCase } from "./sizes.ts"
import { startUpCase } from "./start-up.ts"
import { unchangedCase } from "./unchanged.ts"

export class NoModels extends Data.TaggedError("NoModels")<{ readonly folder: string }> {
  override get message(): string {
    return `There is no package below ${this.folder} that can be cloned.`
  }
}

/** Cases that share the data set of a size, in the order in which one leaves things for the next. */
const onMainData = {
  createrepo: createrepoCase,
  cold: coldCase,
  unchanged: unchangedCase,
  "one-build": oneBuildCase,
  "many-builds": manyBuildsCase,
  "published-size": publishedSizeCase,
  "store-size": storeSizeCase,
  "mass-rebuild": massRebuildCase,
  "start-up": startUpCase
} satisfies Partial<Record<CaseName, RunCase>>

const onLargePayloads = { vouched: vouchedCase } satisfies Partial<Record<CaseName, RunCase>>

interface Found {
  readonly data: ReadonlyArray<DataFacts>
  readonly results: ReadonlyArray<CaseResult>
}

/** Runs the chosen cases at every size. */
export const runCases = (
  bench: Omit<Bench, "data">
): Effect.Effect<Found, CaseError | NotEnoughRoom | NoFileLists | NoModels> =>
  Effect.gen(function* () {
    const { options, say } = bench
    const generating = yield* generatorOf(options)
    const sizes = options.packages.flatMap((packages) => [
      { packages, arches: options.arches, payloadBytes: options.payload, cases: chosen(onMainData, options) },
      {
        packages,
        arches: options.arches.slice(0, 1),
        payloadBytes: options.largePayload,
        cases: chosen(onLargePayloads, options)
      }
    ])
    const found = yield* Effect.forEach(
      sizes.filter(({ cases }) => cases.length > 0),
      ({ cases, ...size }) =>
        Effect.scoped(
          Effect.flatMap(openDataSet(bench.distgraph, { ...generating, ...size, say }), (data) =>
            casesOn({ ...bench, data }, cases)
          )
        )
    )
    const scheduler = options.cases.includes("scheduler")
      ? [yield* Effect.zipRight(say("scheduler"), schedulerCase(options.nodes))]
      : []
    return {
      data: found.map(({ facts }) => facts),
      results: [...found.flatMap(({ results }) => results), ...scheduler]
    }
  })

const casesOn = (bench: Bench, cases: ReadonlyArray<readonly [name: string, run: RunCase]>) =>
  Effect.gen(function* () {
    const facts = yield* factsOf(bench.data)
    const results = yield* Effect.forEach(cases, ([name, run]) => Effect.zipRight(bench.say(name), run(bench)))
    return { facts, results: results.flat() }
  })

const chosen = (cases: Readonly<Record<string, RunCase>>, options: BenchOptions) =>
  Object.entries(cases).filter(([name]) => options.cases.some((wanted) => wanted === name))

/** Real packages beside the project make clones with the statistics of a real distribution; without them the fixtures stand in. */
const realPackages = join(import.meta.dirname, "../../../../shared/rpms")

/** What the generator is told that is the same at every size. */
const generatorOf = (
  options: BenchOptions
): Effect.Effect<Omit<DataOptions, "packages" | "arches" | "payloadBytes" | "say">, NoFileLists | NoModels> =>
  Effect.gen(function* () {
    const folder = existsSync(realPackages) ? realPackages : fixture("unsigned")
    const models = distributionModels(folder)
    if (models.length === 0) return yield* new NoModels({ folder })
    const files =
      options.like === "even"
        ? {}
        : {
            files: {
              quantiles: options.like === "recorded" ? recordedFiles : yield* filesOf(options.like),
              mean: options.files
            }
          }
    return {
      models,
      seed: options.seed,
      noarchShare: 0.6,
      kept: options.data,
      keepResults: options.keep,
      ...files
    }
  })
