import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { Chunk, Data, Effect } from "effect"
import { fixture } from "../kit/fixtures.ts"
import { type CommandFailed, createrepoC, type Measurement } from "./createrepo-c.ts"
import { type Installation, runDistgraph } from "./distgraph.ts"
import { type GeneratedBuild, packageBytes, planBuilds, readModels, updatedBuild, writeBuilds } from "./generate.ts"

export interface CaseOptions {
  readonly packages: number
  readonly rounds: number
  readonly payloadBytes: number
  readonly seed: number
  /** Leaves the generated packages and both results where they are, and says where. */
  readonly keep: boolean
}

type Cost = Omit<Measurement, "stdout">

export interface CaseResult {
  readonly packages: number
  readonly name: "cold" | "unchanged" | "one build changed"
  readonly distgraph: Cost
  readonly createrepo: Cost
}

export class RepositoriesDiffer extends Data.TaggedError("RepositoriesDiffer")<{
  readonly when: string
  readonly distgraph: number
  readonly createrepo: number
}> {
  override get message(): string {
    return `After the case "${this.when}" distgraph lists ${this.distgraph} packages and createrepo_c ${this.createrepo}: the times cannot be compared.`
  }
}

const tag = "bench"
const exportArgs = ["dist-repo", tag, "--allow-missing-signatures"]
const update = ["--update", "--skip-stat"]

/** Real packages make clones with the statistics of a real distribution; without them the fixtures stand in. */
const models = () => {
  const real = join(import.meta.dirname, "../../../shared/rpms")
  return existsSync(real) ? readModels(real, 80, 6 * 1024) : readModels(fixture("unsigned"), 80)
}

/** The three cases at one size. Each command starts with a warm page cache, as the packages have just been written. */
export const runCases = (
  options: CaseOptions
): Effect.Effect<ReadonlyArray<CaseResult>, CommandFailed | RepositoriesDiffer> =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), `distgraph-bench-${options.packages}-`))),
    (folder) => casesIn(folder, options),
    (folder) =>
      options.keep
        ? say(`kept: ${folder}`)
        : Effect.sync(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  )

const casesIn = (folder: string, options: CaseOptions) =>
  Effect.gen(function* () {
    const packages = join(folder, "packages")
    const bytes = packageBytes(options)
    const builds = planBuilds(models(), options)
    yield* say(`writing ${options.packages} packages in ${builds.length} builds to ${folder}`)
    writeBuilds(packages, builds, bytes)
    const topdir = join(folder, "topdir")
    yield* fillTag({ topdir, store: join(folder, "store-import") }, packages, builds)
    const result = (name: CaseResult["name"], distgraph: Costs, createrepo: Costs): CaseResult => ({
      packages: options.packages,
      name,
      distgraph: median(distgraph),
      createrepo: median(createrepo)
    })

    yield* say("cold")
    const coldRounds = yield* rounds(options.rounds, (round) =>
      Effect.gen(function* () {
        rmSync(join(packages, "repodata"), { recursive: true, force: true })
        const createrepo = yield* createrepoC(packages)
        const cold = { topdir, store: join(folder, `store-${round}`) }
        const distgraph = yield* runDistgraph(cold, round === 0 ? exportArgs : [...exportArgs, "--force"])
        return [distgraph, createrepo] as const
      })
    )
    yield* compareCounts("cold", topdir, packages)
    const installation = { topdir, store: join(folder, `store-${options.rounds - 1}`) }

    yield* say("unchanged")
    const unchangedRounds = yield* rounds(options.rounds, () =>
      Effect.all([runDistgraph(installation, exportArgs), createrepoC(packages, update)] as const)
    )

    yield* say("one build changed")
    const changedRounds = yield* rounds(options.rounds, (round) =>
      Effect.gen(function* () {
        const old = builds[Math.floor((builds.length * (round + 0.5)) / options.rounds)]
        if (old === undefined) return yield* Effect.dieMessage("there are no builds")
        const replacement = updatedBuild(old)
        for (const { fileName } of old.packages) rmSync(join(packages, fileName))
        const written = writeBuilds(packages, [replacement], bytes)
        yield* runDistgraph(installation, ["import", ...written])
        yield* runDistgraph(installation, ["untag-build", tag, old.nvr])
        yield* runDistgraph(installation, ["tag-build", tag, replacement.nvr])
        return yield* Effect.all([runDistgraph(installation, exportArgs), createrepoC(packages, update)] as const)
      })
    )
    yield* compareCounts("one build changed", topdir, packages)

    return [
      result("cold", ...sides(coldRounds)),
      result("unchanged", ...sides(unchangedRounds)),
      result("one build changed", ...sides(changedRounds))
    ]
  })

/** Makes the tag and puts every build into it; not measured. */
const fillTag = (installation: Installation, packages: string, builds: ReadonlyArray<GeneratedBuild>) =>
  Effect.gen(function* () {
    yield* say("importing and tagging")
    yield* runDistgraph(installation, ["add-tag", tag, "--arches", "x86_64"])
    for (const some of Chunk.chunksOf(Chunk.fromIterable(builds), 500)) {
      const group = Chunk.toReadonlyArray(some)
      const files = group.flatMap((build) => build.packages.map((planned) => join(packages, planned.fileName)))
      yield* runDistgraph(installation, ["add-pkg", "--owner", "bench", tag, ...group.map((build) => build.name)])
      yield* runDistgraph(installation, ["import", ...files])
      yield* runDistgraph(installation, ["tag-build", tag, ...group.map((build) => build.nvr)])
    }
  })

type Pair = readonly [distgraph: Measurement, createrepo: Measurement]
type Costs = ReadonlyArray<Measurement>

const rounds = <E>(count: number, round: (index: number) => Effect.Effect<Pair, E>) =>
  Effect.forEach(Array.from({ length: count }).keys(), round)

const sides = (pairs: ReadonlyArray<Pair>): readonly [Costs, Costs] => [
  pairs.map(([distgraph]) => distgraph),
  pairs.map(([, createrepo]) => createrepo)
]

const median = (costs: Costs): Cost => {
  const middle = (pick: (cost: Cost) => number): number =>
    costs.map(pick).sort((a, b) => a - b)[Math.floor(costs.length / 2)] ?? Number.NaN
  return {
    wallSeconds: middle((cost) => cost.wallSeconds),
    cpuSeconds: middle((cost) => cost.cpuSeconds),
    peakRssMiB: middle((cost) => cost.peakRssMiB)
  }
}

/** A fast export of the wrong thing would be no result. */
const compareCounts = (when: CaseResult["name"], topdir: string, packages: string) =>
  Effect.gen(function* () {
    const distgraph = listedPackages(join(topdir, "repos-dist", tag, "latest", "x86_64", "repodata"))
    const createrepo = listedPackages(join(packages, "repodata"))
    if (distgraph !== createrepo) yield* new RepositoriesDiffer({ when, distgraph, createrepo })
  })

const listedPackages = (repodata: string): number => {
  const file = readdirSync(repodata).find((name) => name.endsWith("primary.xml.gz"))
  if (file === undefined) return 0
  const head = gunzipSync(readFileSync(join(repodata, file))).toString("latin1", 0, 500)
  return Number(/ packages="(\d+)"/.exec(head)?.[1] ?? Number.NaN)
}

const say = (text: string) => Effect.sync(() => process.stderr.write(`${text}\n`))
