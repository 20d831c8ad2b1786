import { readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync, zstdDecompressSync } from "node:zlib"
import { Effect } from "effect"
import { settle } from "../measure/bare-costs.ts"
import { createrepoOver, updateArgs } from "../measure/createrepo-c.ts"
import type { CommandFailed, Measurement } from "../measure/measure.ts"
import { type Bench, type CaseName, RepositoriesDiffer } from "./case.ts"

/** The folders that createrepo_c runs over: one an arch. */
export const archFolders = ({ data }: Pick<Bench, "data">): ReadonlyArray<string> =>
  data.folders.arches.map(({ path }) => path)

/** Runs createrepo_c over some folders that have no metadata yet. */
export const createrepoCold = (
  bench: Bench,
  folders: ReadonlyArray<string>
): Effect.Effect<Measurement, CommandFailed> =>
  Effect.gen(function* () {
    for (const folder of folders) removeMetadata(folder)
    yield* settle
    return yield* createrepoOver(bench.createrepo, folders, bench.options.compress)
  })

/** Runs it over the folders of all arches, with metadata from an earlier time. */
export const createrepoUpdate = (bench: Bench): Effect.Effect<Measurement, CommandFailed> =>
  Effect.zipRight(settle, createrepoOver(bench.createrepo, archFolders(bench), bench.options.compress, updateArgs))

/** Lets the folders have the metadata of now, or of some earlier time. */
export const haveMetadata = (bench: Bench): Effect.Effect<void, CommandFailed> => {
  const without = archFolders(bench).filter((folder) => !readdirSync(folder).includes("repodata"))
  if (without.length === 0) return Effect.void
  return Effect.zipRight(bench.say("  (createrepo_c's first run, not measured)"), createrepoCold(bench, without))
}

export const removeMetadata = (folder: string): void =>
  rmSync(join(folder, "repodata"), { recursive: true, force: true, maxRetries: 3 })

/** A fast export of the wrong thing would be no result: both must list as many packages, arch by arch. */
export const compareCounts = (
  when: CaseName,
  pairs: ReadonlyArray<{ readonly distgraph: string; readonly createrepo: string }>
): Effect.Effect<void, RepositoriesDiffer> =>
  Effect.forEach(
    pairs,
    (pair) => {
      const [distgraph, createrepo] = [listedPackages(pair.distgraph), listedPackages(pair.createrepo)]
      return distgraph === createrepo
        ? Effect.void
        : Effect.fail(new RepositoriesDiffer({ when, distgraph, createrepo }))
    },
    { discard: true }
  )

/** Each arch of an exported repo beside createrepo_c's folder of that arch. */
export const besideArches = (bench: Bench, repo: string) =>
  bench.data.folders.arches.map(({ arch, path }) => ({ distgraph: join(repo, arch), createrepo: path }))

/** How many packages the metadata of a repository says that there are. */
const listedPackages = (repository: string): number => {
  const repodata = join(repository, "repodata")
  const file = readdirSync(repodata).find((name) => /primary\.xml\.(gz|zst)$/.test(name))
  if (file === undefined) return 0
  const bytes = readFileSync(join(repodata, file))
  const text = file.endsWith(".gz") ? gunzipSync(bytes) : zstdDecompressSync(bytes)
  return Number(/ packages="(\d+)"/.exec(text.toString("latin1", 0, 500))?.[1] ?? Number.NaN)
}
