import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { settle } from "../measure/bare-costs.ts"
import { runDistgraph } from "../measure/distgraph.ts"
import { type CaseName, type RunCase, resultOf, rounds } from "./case.ts"
import { archFolders, besideArches, compareCounts, createrepoCold, removeMetadata } from "./createrepo-folders.ts"
import { emptyStore, everything, publishTag, storeOf } from "./exporting.ts"

/** `distgraph createrepo` on an empty store over the folder of one arch: all payloads are read, by both. */
export const createrepoCase: RunCase = (bench) =>
  Effect.gen(function* () {
    const about = { case: "createrepo", arches: 1, goal: "wall ≤ 0.7, CPU ≤ 1" } as const
    const [folder = ""] = archFolders(bench)
    if (!bench.distgraph.can.has("createrepo")) {
      return [resultOf(bench, { ...about, skipped: "this distgraph has no command createrepo" })]
    }
    const installation = { topdir: bench.data.folders.topdir, store: storeOf(bench, "createrepo") }
    const args = ["createrepo", "--general-compress-type", bench.options.compress]
    const out = join(bench.data.folders.scratch, "createrepo")
    const measured = yield* rounds(bench.options.rounds, () =>
      Effect.gen(function* () {
        const createrepo = yield* createrepoCold(bench, [folder])
        yield* emptyStore(bench, "createrepo")
        yield* Effect.sync(() => mkdirSync(out, { recursive: true }))
        removeMetadata(out)
        yield* settle
        const distgraph = yield* runDistgraph(bench.distgraph, installation, [...args, "--outputdir", out, folder])
        return { distgraph, createrepo }
      })
    )
    yield* compareCounts("createrepo", [{ distgraph: out, createrepo: folder }])
    return [resultOf(bench, { ...about, ...sides(measured) })]
  })

/** A first export of the tag, all arches, against a first run of createrepo_c over each of them. */
export const coldCase: RunCase = (bench) =>
  Effect.gen(function* () {
    const goal = bench.data.folders.arches.length === 4 ? "wall ≤ 0.35" : null
    return yield* coldExport(bench, "cold", goal)
  })

/** The same with payloads so large that it shows who reads them: the hub has vouched for the packages' checksums. */
export const vouchedCase: RunCase = (bench) => coldExport(bench, "vouched", "wall ≤ 0.2")

const coldExport = (bench: Parameters<RunCase>[0], name: CaseName, goal: string | null) =>
  Effect.gen(function* () {
    const told = bench.options.breakdown
      ? yield* Effect.zipRight(emptyStore(bench, ""), publishTag(bench, name, everything, ["--force", "--explain"]))
      : undefined
    const measured = yield* rounds(bench.options.rounds, () =>
      Effect.gen(function* () {
        const createrepo = yield* createrepoCold(bench, archFolders(bench))
        yield* emptyStore(bench, "")
        const { cost, path } = yield* publishTag(bench, name, everything, ["--force"])
        return { distgraph: cost, createrepo, path }
      })
    )
    yield* compareCounts(name, besideArches(bench, measured.at(-1)?.path ?? ""))
    return [
      resultOf(bench, {
        case: name,
        goal,
        ...sides(measured),
        counts: told?.counts ?? null,
        byRule: told?.byRule ?? null
      })
    ]
  })

type Sides<A> = ReadonlyArray<{ readonly distgraph: A; readonly createrepo: A }>

const sides = <A>(measured: Sides<A>) => ({
  distgraph: measured.map(({ distgraph }) => distgraph),
  createrepo: measured.map(({ createrepo }) => createrepo)
})
