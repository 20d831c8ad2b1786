import { join } from "node:path"
import { Effect } from "effect"
import { replaceBuilds } from "../data/data-set.ts"
import { createrepoOver, updateArgs } from "../measure/createrepo-c.ts"
import { footprintOf, metadataBytes } from "../measure/footprint.ts"
import type { Figure } from "../report/report.ts"
import { type RunCase, resultOf } from "./case.ts"
import { haveMetadata, removeMetadata } from "./createrepo-folders.ts"
import { emptyStore, everything, makeCurrent, publishTag, storeOf, type Variant } from "./exporting.ts"

/** What is published of the first arch, against createrepo_c's metadata of the same packages, which is one compressed stream. */
export const publishedSizeCase: RunCase = (bench) =>
  Effect.gen(function* () {
    yield* haveMetadata(bench)
    const [first] = bench.data.folders.arches
    if (first === undefined) return []
    yield* createrepoOver(bench.createrepo, [first.path], bench.options.compress, updateArgs)
    const theirs = join(first.path, "repodata")
    const asked = yield* makeCurrent(bench, everything)
    const ours = metadataBytes(join(asked.path, first.arch, "repodata"))
    const figures: Array<Figure> = [
      mebibytes(`distgraph, ${bench.options.compress}`, ours),
      mebibytes(`createrepo_c, ${bench.options.compress}`, metadataBytes(theirs)),
      ratio(`${bench.options.compress} / createrepo_c's`, ours / metadataBytes(theirs))
    ]
    if (bench.options.compress === "gz") {
      const zstd = yield* publishTag(bench, "published-size", zstdVariant(first.arch), ["--force"])
      const bytes = metadataBytes(join(zstd.path, first.arch, "repodata"))
      figures.push(mebibytes("distgraph, zstd", bytes), ratio("zstd / gz", bytes / ours))
      if (bench.createrepo.canZstd) {
        removeMetadata(first.path)
        yield* createrepoOver(bench.createrepo, [first.path], "zstd")
        figures.push(
          mebibytes("createrepo_c, zstd", metadataBytes(theirs)),
          ratio("zstd / createrepo_c's", bytes / metadataBytes(theirs))
        )
        removeMetadata(first.path)
      }
    }
    const goal = bench.options.compress === "gz" ? "gz ≤ 1.06" : null
    return [resultOf(bench, { case: "published-size", arches: 1, goal, figures })]
  })

/** What the store takes for one arch, after a first export and after each of some further states that it keeps. */
export const storeSizeCase: RunCase = (bench) =>
  Effect.gen(function* () {
    const arch = bench.data.folders.arches[0]?.arch ?? ""
    const variant: Variant = { name: "store-size", args: ["-a", arch], needs: [] }
    yield* emptyStore(bench, variant.name)
    const cold = yield* publishTag(bench, "store-size", variant, ["--force"])
    const repodata = footprintOf(join(cold.path, arch, "repodata")).bytes
    const sizes = [storeBytes(storeOf(bench, variant.name))]
    for (let state = 1; state <= bench.options.states; state++) {
      const place = Math.floor((bench.data.tagged.length * state) / (bench.options.states + 1))
      yield* replaceBuilds(bench.distgraph, bench.data, [place])
      yield* publishTag(bench, "store-size", variant)
      sizes.push(storeBytes(storeOf(bench, variant.name)))
    }
    const [before = 0] = sizes
    const grown = ((sizes.at(-1) ?? 0) - before) / bench.options.states
    const figures = [
      mebibytes("repodata", repodata),
      mebibytes("store", before),
      ratio("store / repodata", before / repodata),
      mebibytes(`a further state (one build replaced, mean of ${bench.options.states})`, grown),
      ratio("a further state / repodata", grown / repodata)
    ]
    return [resultOf(bench, { case: "store-size", arches: 1, goal: "store / repodata ≤ 2.5", figures })]
  })

const zstdVariant = (arch: string): Variant => ({ name: "zstd", args: ["-a", arch, "--compress", "zstd"], needs: [] })

const storeBytes = (store: string): number => footprintOf(store).bytes

const mebibytes = (name: string, bytes: number): Figure => ({ name, value: bytes / 2 ** 20, unit: "MiB" })

const ratio = (name: string, value: number): Figure => ({ name, value, unit: "" })
