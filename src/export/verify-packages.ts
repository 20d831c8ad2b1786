import { statSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { type Blobs, type Digest, type DigestOf, hashOf, readBlob, sizeOf } from "../../graph/index.ts"
import { Directory, PackageDirectory, PackageFiles } from "../../rules/index.ts"
import { entryUrl } from "../bundle/entries.ts"
import { PackagesGone } from "../publish/package-filler.ts"
import { statTextOf } from "../source/hash-file.ts"
import { hashFiles } from "../source/hash-files.ts"

/** Reads every package file of a tree in full, and fails with all those that are not what was recorded. */
export const verifyPackages = (tree: DigestOf<Directory>, topdir: string): Effect.Effect<void, PackagesGone, Blobs> =>
  Effect.gen(function* () {
    const files = [...new Map(yield* packagesIn(tree))]
    const found = files.map(([path, content]) => {
      return { path, content, stat: statSync(join(topdir, path), { bigint: true, throwIfNoEntry: false }) }
    })
    const there = found.flatMap(({ content, path, stat }) => (stat === undefined ? [] : [{ path, content, stat }]))
    const hashed = yield* hashFiles(
      there.map(({ path, stat }) => ({ path: join(topdir, path), stat: statTextOf(stat), size: Number(stat.size) })),
      { algorithm: null, workers: availableParallelism(), workerEntry: entryUrl("hash-worker") }
    )
    const changed = there.filter(({ content, stat }, index) => {
      const read = hashed[index]
      return typeof read !== "object" || read.sha256 !== hashOf(content) || Number(stat.size) !== sizeOf(content)
    })
    const missing = found.flatMap(({ path, stat }) => (stat === undefined ? [path] : []))
    if (missing.length + changed.length > 0) {
      return yield* new PackagesGone({ missing, changed: changed.map(({ path }) => path) })
    }
  })

/** The package files below a directory: path in the topdir, and digest. A file that several arches have comes several times. */
const packagesIn = (
  tree: DigestOf<Directory>
): Effect.Effect<ReadonlyArray<readonly [path: string, content: Digest]>, never, Blobs> =>
  Effect.gen(function* () {
    const found = yield* Effect.forEach((yield* readBlob(Directory, tree)).entries, (entry) =>
      entry.type === "directory"
        ? packagesIn(entry.content)
        : entry.type === "packages"
          ? Effect.flatMap(readBlob(PackageDirectory, entry.content), (runs) =>
              Effect.map(
                Effect.forEach(runs, (run) => readBlob(PackageFiles, run)),
                (files) => files.flat().map(({ content, path }) => [path, content] as const)
              )
            )
          : Effect.succeed([])
    )
    return found.flat()
  })
