import { Effect, Option } from "effect"
import { cachedShare } from "../measure/page-cache.ts"
import type { DataFacts } from "../report/report.ts"
import { type DataSet, packageFiles } from "./data-set.ts"

/** What the packages of a data set are like, for whoever reads the figures. */
export const factsOf = (data: DataSet): Effect.Effect<DataFacts> =>
  Effect.map(cachedShare(packageFiles(data)), (cached) => {
    const files = data.tagged.flatMap(({ packages }) => packages)
    const arch = data.folders.arches[0]?.arch
    const ofOneArch = files.filter(({ identity }) => identity.arch === "noarch" || identity.arch === arch)
    const models = ofOneArch.map(({ model }) => model)
    const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, each) => total + each, 0)
    const mean = (numbers: ReadonlyArray<number>): number => sum(numbers) / numbers.length
    const fileCounts = models.map((model) => model.files).sort((a, b) => a - b)
    return {
      packages: data.packages,
      arches: data.folders.arches.length,
      payloadBytes: data.payloadBytes,
      builds: data.tagged.length,
      packageFiles: files.length,
      noarchShare: ofOneArch.filter(({ identity }) => identity.arch === "noarch").length / ofOneArch.length,
      fileEntries: sum(fileCounts),
      filesMean: mean(fileCounts),
      filesMedian: fileCounts[fileCounts.length >> 1] ?? 0,
      dependenciesMean: mean(models.map(({ provides, requires }) => provides + requires)),
      changelogsMean: mean(models.map(({ changelogs }) => changelogs)),
      models: new Set(models).size,
      cachedShare: Option.getOrNull(cached)
    }
  })
