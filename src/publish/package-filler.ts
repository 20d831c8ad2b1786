import { availableParallelism } from "node:os"
import { Data, Effect } from "effect"
import { type Blobs, type DigestOf, hashOf, readBlob, sizeOf } from "../../graph/index.ts"
import { type PackageFile, PackageFiles } from "../../rules/index.ts"
import { batchesAtOnce, makePlacer } from "./placer.ts"
import { UnwritableTree } from "./writing.ts"

/** Package files that the source vouched for are missing, or were cut or replaced since. Names them all. */
export class PackagesGone extends Data.TaggedError("PackagesGone")<{
  readonly missing: ReadonlyArray<string>
  /** Files that are not what was recorded. */
  readonly changed: ReadonlyArray<string>
}> {
  override get message(): string {
    const told = (paths: ReadonlyArray<string>, one: string, many: string): ReadonlyArray<string> => {
      if (paths.length === 0) return []
      const files = paths.length === 1 ? `1 package file ${one}` : `${paths.length} package files ${many}`
      return [
        `${files}; restore from a backup, or write signed copies anew with write-signed-rpm --force:`,
        ...paths.map((path) => `  ${path}`)
      ]
    }
    return [
      ...told(this.missing, "is missing", "are missing"),
      ...told(this.changed, "is not what was recorded", "are not what was recorded")
    ].join("\n")
  }
}

/** The runs of package files that a directory consists of. */
export type PackageRuns = ReadonlyArray<DigestOf<ReadonlyArray<PackageFile>>>

/** A directory of package files, and where it belongs. */
export interface PlacedDirectory {
  readonly at: string
  readonly directory: DigestOf<PackageRuns>
}

/** What was placed. */
export interface PlacedPackages {
  readonly packages: number
  /** Packages that were copied although links were asked for: another file system, or a file with as many links as it may have. */
  readonly copiedInstead: number
}

export interface FillerOptions {
  readonly topdir: string
  /** Always copy; otherwise packages are linked, and copied where a link cannot be made. */
  readonly copies: boolean
  /** Of how many runs there are packages to be placed. */
  readonly runs: number
  /** Told now and then how many packages are in their places. */
  readonly onPlaced: (packages: number) => void
}

export type Filler = Effect.Effect.Success<ReturnType<typeof makeFiller>>

/**
 * Fills folders with package files, many at a time, as long as the scope is open. It goes on where packages are gone: `result`,
 * asked for in the end, then fails with all of them.
 */
export const makeFiller = ({ copies, onPlaced, runs, topdir }: FillerOptions) =>
  Effect.gen(function* () {
    const threads = runs < worthThreads ? 0 : Math.min(availableParallelism() - 1, mostThreads)
    const placer = yield* makePlacer(threads)
    const total = { packages: 0, copiedInstead: 0 }
    const missing = new Set<string>()
    const changed = new Set<string>()

    /** Puts files into a folder, which is there. Says whether all were what was recorded. */
    const place = (folder: string, files: ReadonlyArray<PackageFile>): Effect.Effect<boolean, UnwritableTree> =>
      Effect.gen(function* () {
        const packages = files.map(({ content, path }) => ({ path, sha256: hashOf(content), size: sizeOf(content) }))
        const placed = yield* placer.place({ topdir, folder, copies, packages })
        if (placed.failure !== null) return yield* new UnwritableTree(placed.failure)
        for (const path of placed.missing) missing.add(path)
        for (const path of placed.changed) changed.add(path)
        total.packages += placed.packages
        total.copiedInstead += placed.copiedInstead
        onPlaced(total.packages)
        return placed.missing.length === 0 && placed.changed.length === 0
      })

    return {
      place,
      /** Puts all packages of a directory into a folder, which is there. Says whether all were what was recorded. */
      fill: (folder: string, directory: PackageRuns): Effect.Effect<boolean, UnwritableTree, Blobs> =>
        Effect.map(
          Effect.forEach(
            batchesOf(directory),
            (batch) =>
              Effect.flatMap(
                Effect.forEach(batch, (run) => readBlob(PackageFiles, run)),
                (files) => place(folder, files.flat())
              ),
            // one here, and for each thread as many as it has at hand
            { concurrency: 1 + batchesAtOnce * threads }
          ),
          (placed) => placed.every((good) => good)
        ),
      result: Effect.suspend(
        (): Effect.Effect<PlacedPackages, PackagesGone> =>
          missing.size > 0 || changed.size > 0
            ? Effect.fail(new PackagesGone({ missing: [...missing].sort(), changed: [...changed].sort() }))
            : Effect.succeed(total)
      )
    } as const
  })

const batchesOf = (directory: PackageRuns): ReadonlyArray<PackageRuns> =>
  Array.from({ length: Math.ceil(directory.length / runsInBatch) }, (_, index) =>
    directory.slice(index * runsInBatch, (index + 1) * runsInBatch)
  )

/** Folders that are best filled at a time: one is almost full while the next is begun. More would be read at random. */
export const foldersAtOnce = 3

/** A run is 64 names on average, and a thread takes as long to start as some thousands of links. */
const worthThreads = 64

/** More would wait for each other in the file system. */
const mostThreads = 3

/** Some hundreds of packages: enough to be worth telling another thread, little enough to hear others in between. */
const runsInBatch = 4
