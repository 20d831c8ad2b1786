import { createReadStream, readdirSync } from "node:fs"
import { join } from "node:path"
import { createGunzip, createZstdDecompress } from "node:zlib"
import { Data, Effect } from "effect"
import type { Model } from "./clone.ts"

/** How many files the packages of a distribution have: for some shares of the packages, from 0 to 1, the most that this share has. */
export type Quantiles = ReadonlyArray<readonly [share: number, files: number]>

/** Recorded from the filelists.xml of a real repository: 176 packages of an Enterprise Linux 8 module, half of them noarch; 62.5 files on average. */
export const recordedFiles: Quantiles = [
  [0, 3],
  [0.05, 5],
  [0.1, 7],
  [0.2, 8],
  [0.3, 9],
  [0.4, 11],
  [0.5, 13],
  [0.6, 17],
  [0.7, 26],
  [0.75, 38],
  [0.8, 78],
  [0.85, 104],
  [0.9, 134],
  [0.95, 358],
  [0.98, 655],
  [0.99, 657],
  [1, 825]
]

/** A folder given as a repository to mirror has no file list that can be read. */
export class NoFileLists extends Data.TaggedError("NoFileLists")<{ readonly folder: string; readonly reason: string }> {
  override get message(): string {
    return `The file lists of ${this.folder} cannot be read (${this.reason}): give the repodata folder of a repository.`
  }
}

/** The same quantiles of a repository, read from the filelists.xml (gz or zstd) in its repodata folder. */
export const filesOf = (folder: string): Effect.Effect<Quantiles, NoFileLists> =>
  Effect.tryPromise({
    try: async () => quantilesOf(await filesPerPackage(folder)),
    catch: (cause) => new NoFileLists({ folder, reason: cause instanceof Error ? cause.message : String(cause) })
  })

/** Quantiles of numbers, at {@link recordedFiles}' shares. */
export const quantilesOf = (numbers: ReadonlyArray<number>): Quantiles => {
  const sorted = [...numbers].sort((a, b) => a - b)
  return recordedFiles.map(([share]) => [share, sorted[Math.floor(share * (sorted.length - 1))] ?? 0])
}

/** The value at a share between the recorded ones: on the straight line between its neighbours. */
export const valueAt = (quantiles: Quantiles, share: number): number => {
  const above = quantiles.findIndex(([at]) => at >= share)
  const [to, high] = quantiles[above] ?? [1, 0]
  const [from, low] = quantiles[above - 1] ?? [to, high]
  return to === from ? high : low + ((share - from) / (to - from)) * (high - low)
}

/** Gives the model of the n-th build. */
export type Draw = (index: number) => Model | undefined

/**
 * Draws models so that the files of the drawn ones are distributed like `quantiles`, stretched so that they are `mean` on average;
 * everything else is as their headers have it. Any run of draws is spread evenly over the distribution.
 */
export const drawLike = (models: ReadonlyArray<Model>, quantiles: Quantiles, mean: number, seed: number): Draw => {
  const sorted = [...models].sort((a, b) => a.files - b.files)
  const scale = fittingScale(sorted, quantiles, mean)
  return (index) => {
    const share = fraction(seed * goldenRatio + index * goldenRatio)
    return nearest(sorted, scale * valueAt(quantiles, share), fraction(index * plasticRatio))
  }
}

/** The stretch with which the drawn models have `mean` files on average, or as near to it as the models allow. */
const fittingScale = (sorted: ReadonlyArray<Model>, quantiles: Quantiles, mean: number): number => {
  let [low, high] = [0.001, 1000]
  for (let step = 0; step < 40; step++) {
    const scale = Math.sqrt(low * high)
    if (drawnMean(sorted, quantiles, scale) < mean) low = scale
    else high = scale
  }
  return low
}

const drawnMean = (sorted: ReadonlyArray<Model>, quantiles: Quantiles, scale: number): number => {
  const draws = 2000
  let files = 0
  for (let index = 0; index < draws; index++) {
    const share = (index + 0.5) / draws
    files += nearest(sorted, scale * valueAt(quantiles, share), fraction(index * plasticRatio))?.files ?? 0
  }
  return files / draws
}

/** Each of the first has about equally many neighbours on both sides, however long the run; so has each pair with the second. */
const goldenRatio = 0.618_033_988_749_895
const plasticRatio = 0.754_877_666_246_693
const fraction = (value: number): number => value - Math.floor(value)

/** One of the few models whose number of files is nearest, chosen by `pick` (0 to 1), so that many models serve. */
const nearest = (sorted: ReadonlyArray<Model>, files: number, pick: number): Model | undefined => {
  let [from, to] = [0, sorted.length]
  while (to - from > 1) {
    const middle = (from + to) >> 1
    if ((sorted[middle]?.files ?? 0) <= files) from = middle
    else to = middle
  }
  const first = Math.max(0, Math.min(from - 1, sorted.length - candidates))
  return sorted[first + Math.floor(pick * Math.min(candidates, sorted.length))]
}

const candidates = 3

/** How many files each package has, in order. The list may be larger than memory: it is read piece by piece. */
const filesPerPackage = async (folder: string): Promise<ReadonlyArray<number>> => {
  const name = readdirSync(folder).find((each) => /filelists\.xml\.(gz|zst)$/.test(each))
  if (name === undefined) throw new Error("there is no filelists.xml.gz or .zst")
  const counts: Array<number> = []
  let rest = ""
  const decompressed = createReadStream(join(folder, name)).pipe(
    name.endsWith(".gz") ? createGunzip() : createZstdDecompress()
  )
  for await (const piece of decompressed.setEncoding("latin1")) {
    const text = rest + String(piece)
    const end = text.lastIndexOf("<")
    for (const [tag] of text.slice(0, end).matchAll(/<(package|file)[ >]/g)) {
      if (tag.startsWith("<p")) counts.push(0)
      else counts.push((counts.pop() ?? 0) + 1)
    }
    rest = text.slice(end)
  }
  return counts
}
