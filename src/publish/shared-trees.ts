import {
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync
} from "node:fs"
import { basename, dirname, join, relative } from "node:path"
import { Effect } from "effect"
import { type Blobs, type DigestOf, hashOf, readBlob, sizeOf } from "../../graph/index.ts"
import { PackageDirectory, type PackageFile, PackageFiles } from "../../rules/index.ts"
import {
  type Filler,
  foldersAtOnce,
  makeFiller,
  type PackageRuns,
  type PackagesGone,
  type PlacedDirectory,
  type PlacedPackages
} from "./package-filler.ts"
import { flushFolders, makeDirectories, type UnwritableTree, writing } from "./writing.ts"

/**
 * Puts each directory of packages in its place as a symbolic link to a tree in `<topdir>/repos-dist/.trees`, named after its content.
 * A tree that is there is used as it is, after a look at its seal; others are made aside, flushed and renamed. To be done under the
 * topdir's publish lock. `placeOf` says where a directory will be in the end, no link on the way there. Gives the trees that were mended.
 */
export const shareDirectories = (
  packages: ReadonlyArray<PlacedDirectory>,
  options: {
    readonly topdir: string
    readonly placeOf: (at: string) => string
    readonly onPlaced: (packages: number) => void
  }
): Effect.Effect<PlacedPackages & { readonly mended: ReadonlyArray<string> }, UnwritableTree | PackagesGone, Blobs> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { onPlaced, placeOf, topdir } = options
      const trees = treesIn(topdir)
      yield* writing(trees, () => makeDirectories(trees))
      const wanted = [...new Set(packages.map(({ directory }) => directory))]
      const unsealed = yield* Effect.filter(wanted, (directory) => {
        const tree = treeOf(trees, directory)
        return writing(tree, () => !isSealed(tree))
      })
      const todo = yield* Effect.forEach(unsealed, (directory) =>
        Effect.map(readBlob(PackageDirectory, directory), (runs) => ({ tree: treeOf(trees, directory), runs }))
      )
      const runs = todo.reduce((sum, { runs }) => sum + runs.length, 0)
      const filler = yield* makeFiller({ topdir, copies: false, onPlaced, runs })
      const mended = yield* Effect.forEach(todo, ({ runs, tree }) => standTree(tree, runs, filler), {
        concurrency: foldersAtOnce
      })
      const placed = yield* filler.result
      if (todo.length > 0) yield* flushFolders([trees])
      const real = yield* writing(trees, () => realpathSync(trees))
      for (const { at, directory } of packages) {
        yield* writing(at, () => symlinkSync(relative(dirname(placeOf(at)), treeOf(real, directory)), at))
      }
      return { ...placed, mended: mended.flat() }
    })
  )

/** Removes trees that were never finished. Under the publish lock they are nobody's. */
export const clearTrees = (topdir: string): Effect.Effect<void, UnwritableTree> => {
  const trees = treesIn(topdir)
  return writing(trees, () => {
    if (statSync(trees, { throwIfNoEntry: false }) === undefined) return
    for (const name of readdirSync(trees)) {
      if (name.startsWith(".")) rmSync(join(trees, name), { recursive: true, force: true })
    }
  })
}

/** Where the trees of a topdir are: no tag's folder, as a part of a tag's name never begins with a dot. */
export const treesIn = (topdir: string): string => join(topdir, "repos-dist/.trees")

const treeOf = (trees: string, directory: DigestOf<PackageRuns>): string => join(trees, hashOf(directory))

const asideOf = (tree: string): string => join(dirname(tree), `.${basename(tree)}.tmp`)

/**
 * The time of a finished tree. Adding, removing or renaming an entry gives a directory the time of that, so one look tells whether
 * anybody has been at a tree since, and none of its thousands of packages need be looked at.
 */
const seal = new Date("2000-01-01T00:00:00Z")

const isSealed = (tree: string): boolean => statSync(tree, { throwIfNoEntry: false })?.mtimeMs === seal.getTime()

/** Makes a tree, or mends the one that is there; gives it where something was mended. Where packages are gone it stays undone. */
const standTree = (
  tree: string,
  runs: PackageRuns,
  filler: Filler
): Effect.Effect<ReadonlyArray<string>, UnwritableTree, Blobs> =>
  Effect.gen(function* () {
    const aside = asideOf(tree)
    yield* writing(aside, () => mkdirSync(aside))
    if (lstatSync(tree, { throwIfNoEntry: false }) !== undefined) return yield* mendTree(tree, aside, runs, filler)
    if (!(yield* filler.fill(aside, runs))) return []
    yield* writing(aside, () => utimesSync(aside, seal, seal))
    yield* flushFolders([aside])
    yield* writing(tree, () => renameSync(aside, tree))
    return []
  })

/**
 * Looks at each package of a tree and replaces what is missing or of another size, one by one and in place: other repos have the
 * tree too, and are mended with it. What else is in it is left.
 */
const mendTree = (tree: string, aside: string, runs: PackageRuns, filler: Filler) =>
  Effect.gen(function* () {
    let good = true
    let mended = false
    for (const run of runs) {
      const files = yield* readBlob(PackageFiles, run)
      const wrong = yield* writing(tree, () => files.filter((file) => !isWhole(tree, file)))
      if (wrong.length === 0) continue
      mended = true
      if (yield* filler.place(aside, wrong)) {
        for (const { path } of wrong) {
          const at = join(tree, basename(path))
          yield* writing(at, () => renameSync(join(aside, basename(path)), at))
        }
      } else good = false
    }
    if (!good) return []
    yield* writing(tree, () => {
      rmdirSync(aside)
      utimesSync(tree, seal, seal)
    })
    yield* flushFolders([tree])
    return mended ? [tree] : []
  })

const isWhole = (tree: string, { content, path }: PackageFile): boolean => {
  const found = lstatSync(join(tree, basename(path)), { throwIfNoEntry: false })
  return found?.isFile() === true && found.size === sizeOf(content)
}
