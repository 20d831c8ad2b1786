import { join } from "node:path"
import { Effect } from "effect"
import { type DataSet, replaceBuilds } from "../data/data-set.ts"
import { bareCosts } from "../measure/bare-costs.ts"
import { footprintOf } from "../measure/footprint.ts"
import { type GeneratedBuild, packagesPerArch } from "../packages/generate.ts"
import type { Figure } from "../report/report.ts"
import { type Bench, type CaseName, type RunCase, resultOf, rounds } from "./case.ts"
import { besideArches, compareCounts, createrepoUpdate, haveMetadata } from "./createrepo-folders.ts"
import { everything, makeCurrent, publishTag, type Variant, variants } from "./exporting.ts"

/** One build of eight packages, some of them noarch, is replaced by its next release. */
export const oneBuildCase: RunCase = (bench) =>
  Effect.gen(function* () {
    const places = placesOf(bench.data, isMiddling)
    if (places.length === 0) {
      return [resultOf(bench, { case: "one-build", skipped: "there is no build of eight packages among so few" })]
    }
    const able = variants.filter(({ needs }) => needs.every((ability) => bench.distgraph.can.has(ability)))
    const unable = variants.filter((variant) => !able.includes(variant))
    const rows = yield* replaced(bench, {
      name: "one-build",
      goal: ({ name }) =>
        name === "" ? "wall ≤ 1/30" : name.startsWith("shared") ? "≤ 1 s + bare write" : "≤ 1 s + bare write + cp -al",
      variants: able,
      measured: bench.options.rounds,
      pick: (round) => spread(places, 1, round, bench.options.rounds + 1),
      told: bench.options.breakdown
    })
    const skipped = unable.map(({ name }) =>
      resultOf(bench, { case: "one-build", variant: name, skipped: "this distgraph has no such option" })
    )
    return [...rows, ...skipped]
  })

/** Many builds, spread over the whole tag, are replaced at once. */
export const manyBuildsCase: RunCase = (bench) => {
  const places = placesOf(bench.data, () => true)
  const count = Math.min(bench.options.many, Math.floor(places.length / 2))
  return replaced(bench, {
    name: "many-builds",
    goal: () => (count === 300 ? "wall ≤ 1/8" : null),
    variants: [everything],
    measured: bench.options.rounds,
    pick: (round) => spread(places, count, round, bench.options.rounds + 1),
    told: bench.options.breakdown
  })
}

/** Every build is replaced. One round, as each needs another release of every package. */
export const massRebuildCase: RunCase = (bench) =>
  replaced(bench, {
    name: "mass-rebuild",
    goal: () => "no worse than cold",
    variants: [everything],
    measured: 1,
    pick: () => placesOf(bench.data, () => true),
    told: false
  })

interface Replacement {
  readonly name: CaseName
  readonly goal: (variant: Variant) => string | null
  readonly variants: ReadonlyArray<Variant>
  /** How many rounds are measured. */
  readonly measured: number
  /** The places of the builds to be replaced in a round; round 0 is told and not measured. */
  readonly pick: (round: number) => ReadonlyArray<number>
  readonly told: boolean
}

const replaced = (bench: Bench, { goal, measured, name, pick, told, variants }: Replacement) =>
  Effect.gen(function* () {
    yield* haveMetadata(bench)
    for (const variant of variants) yield* makeCurrent(bench, variant)

    const replace = (round: number) => replaceBuilds(bench.distgraph, bench.data, pick(round))
    const stories = told
      ? yield* Effect.zipRight(
          replace(0),
          Effect.forEach(variants, (variant) => publishTag(bench, name, variant, ["--explain"]))
        )
      : []

    const all = yield* rounds(measured, (round) =>
      Effect.gen(function* () {
        const updates = yield* replace(round)
        const createrepo = yield* createrepoUpdate(bench)
        const exports = yield* Effect.forEach(variants, (variant) =>
          Effect.gen(function* () {
            const made = yield* publishTag(bench, name, variant)
            yield* compareCounts(name, besideArches(bench, made.path))
            // here, as the next export takes this one's place
            const bare = round === measured && variant === everything ? yield* bareFigures(bench, made.path) : []
            return { ...made, bare }
          })
        )
        return { updates, createrepo, exports }
      })
    )
    return variants.map((variant, index) =>
      resultOf(bench, {
        case: name,
        variant: variant.name,
        goal: goal(variant),
        distgraph: all.flatMap(({ exports }) => exports[index]?.cost ?? []),
        createrepo: all.map(({ createrepo }) => createrepo),
        counts: stories[index]?.counts ?? null,
        byRule: stories[index]?.byRule ?? null,
        figures: index === 0 ? [...changeFigures(all[0]?.updates ?? []), ...(all.at(-1)?.exports[0]?.bare ?? [])] : []
      })
    )
  })

/** What writing and linking the same repo costs at the least, whoever does it. */
const bareFigures = (bench: Bench, repo: string) =>
  Effect.map(
    bareCosts(repo, footprintOf(repo), join(bench.data.folders.scratch, "bare")),
    ({ bytes, files, linkSeconds, packages, writeSeconds }): ReadonlyArray<Figure> => [
      { name: `bare: ${files} files written and flushed`, value: writeSeconds, unit: "s" },
      { name: "bare: their bytes", value: bytes / 2 ** 20, unit: "MiB" },
      { name: `bare: cp -al of ${packages} packages`, value: linkSeconds, unit: "s" }
    ]
  )

const changeFigures = (updates: ReadonlyArray<GeneratedBuild>): ReadonlyArray<Figure> => [
  { name: "builds replaced", value: updates.length, unit: "" },
  {
    name: "packages replaced in each arch",
    value: updates.reduce((sum, build) => sum + packagesPerArch(build), 0),
    unit: ""
  },
  { name: "package files replaced", value: updates.reduce((sum, build) => sum + build.packages.length, 0), unit: "" }
]

/** Eight packages, for all arches and for each. */
const isMiddling = (build: GeneratedBuild): boolean =>
  packagesPerArch(build) === 8 && build.packages.some(({ identity }) => identity.arch !== "noarch")

const placesOf = ({ tagged }: DataSet, wanted: (build: GeneratedBuild) => boolean): ReadonlyArray<number> =>
  tagged.flatMap((build, place) => (wanted(build) ? [place] : []))

/** So many of some places, evenly spread over them, other ones in each of the rounds. */
const spread = (places: ReadonlyArray<number>, count: number, round: number, rounds: number): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, index) => {
    const at = ((index + (round + 0.5) / rounds) / count) * places.length
    return places[Math.floor(at)]
  }).filter((place) => place !== undefined)
