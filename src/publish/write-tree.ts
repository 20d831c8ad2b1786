import { mkdirSync, renameSync, rmSync } from "node:fs"
import { Effect } from "effect"
import { type Blobs, type DigestOf, readBlob } from "../../graph/index.ts"
import { type Directory, PackageDirectory } from "../../rules/index.ts"
import {
  foldersAtOnce,
  makeFiller,
  type PackagesGone,
  type PlacedDirectory,
  type PlacedPackages
} from "./package-filler.ts"
import { shareDirectories } from "./shared-trees.ts"
import { treeChanges } from "./tree-changes.ts"
import { writeFiles } from "./write-file.ts"
import { flushFolders, type UnwritableTree, writing } from "./writing.ts"

/**
 * How package files get into a repository: linked, as Koji does (copied where the file system is another); in directories that all
 * repos with the same packages in them share by symbolic links, so that only changed ones are made; or always copied.
 */
export type Layout = "hardlink" | "shared" | "copy"

export interface TreeOptions {
  readonly layout: Layout
  /** Where the packages lie and, for the shared layout, the trees. Absolute. */
  readonly topdir: string
  /** Where the tree will stand once it is moved there: links are relative to this place. Absolute, with no link in it. */
  readonly place: string
  /** Told now and then how many packages are in their places. */
  readonly onPlaced?: ((packages: number) => void) | undefined
}

/** What a tree took to write. In the shared layout packages in directories that were there are not counted. */
export interface WrittenTree extends PlacedPackages {
  /** Shared directories of packages in which some were missing or changed, and which are whole again. */
  readonly mended: ReadonlyArray<string>
}

/** A tree that {@link beginTree} wrote. */
export interface BegunTree {
  readonly tree: DigestOf<Directory>
  readonly written: WrittenTree
}

/**
 * Writes a directory by its content, verified, each file and directory flushed to disk. `path` must not exist, unless a tree was `begun`
 * there, of which is kept what fits. Never changes a package file that it links. On failure the half-written tree is the caller's
 * to remove.
 */
export const writeTree = (
  tree: DigestOf<Directory>,
  path: string,
  options: TreeOptions,
  begun?: BegunTree
): Effect.Effect<WrittenTree, UnwritableTree | PackagesGone, Blobs> =>
  Effect.gen(function* () {
    const { folders, written } = yield* changeTree(tree, path, options, begun?.tree)
    yield* flushFolders(folders)
    if (begun === undefined) return written
    return {
      packages: begun.written.packages + written.packages,
      copiedInstead: begun.written.copiedInstead + written.copiedInstead,
      mended: [...begun.written.mended, ...written.mended]
    }
  })

/** The same for a tree that is not yet all there is to be: its files and packages are flushed, its other directories are not. */
export const beginTree = (
  tree: DigestOf<Directory>,
  path: string,
  options: TreeOptions
): Effect.Effect<BegunTree, UnwritableTree | PackagesGone, Blobs> =>
  Effect.map(changeTree(tree, path, options, undefined), ({ written }) => ({ tree, written }))

const changeTree = (
  tree: DigestOf<Directory>,
  path: string,
  { layout, onPlaced = () => {}, place, topdir }: TreeOptions,
  standing: DigestOf<Directory> | undefined
) =>
  Effect.gen(function* () {
    const { files, folders, newFolders, outdated, packages, renamed } = yield* treeChanges(tree, standing, path)
    for (const at of outdated) yield* writing(at, () => rmSync(at, { recursive: true, force: true }))
    for (const at of newFolders) yield* writing(at, () => mkdirSync(at))
    for (const { from, to } of renamed) yield* writing(to, () => renameSync(from, to))
    const ofEach = Map.groupBy(files, ({ at }) => repositoryOf(path, at))
    const placing =
      layout === "shared"
        ? shareDirectories(packages, { topdir, onPlaced, placeOf: (at) => place + at.slice(path.length) })
        : fillDirectories(packages, { topdir, onPlaced, copies: layout === "copy" })
    const [, written] = yield* Effect.all([writeFiles([...ofEach.values()]), placing], { concurrency: "unbounded" })
    return { folders, written }
  })

/** The folder right below the root that a file lies in: that of its repository. */
const repositoryOf = (root: string, at: string): string => at.slice(root.length + 1).split("/", 1)[0] ?? ""

/** Gives each repository package files of its own. */
const fillDirectories = (
  packages: ReadonlyArray<PlacedDirectory>,
  options: { readonly topdir: string; readonly copies: boolean; readonly onPlaced: (packages: number) => void }
): Effect.Effect<WrittenTree, UnwritableTree | PackagesGone, Blobs> =>
  Effect.scoped(
    Effect.gen(function* () {
      const folders = yield* Effect.forEach(packages, ({ at, directory }) =>
        Effect.map(readBlob(PackageDirectory, directory), (runs) => ({ at, runs }))
      )
      const filler = yield* makeFiller({ ...options, runs: folders.reduce((sum, { runs }) => sum + runs.length, 0) })
      yield* Effect.forEach(
        folders,
        ({ at, runs }) =>
          Effect.zipRight(
            writing(at, () => mkdirSync(at)),
            filler.fill(at, runs)
          ),
        { concurrency: foldersAtOnce, discard: true }
      )
      // all at once, as the first makes the file system write the entries of all
      yield* flushFolders(packages.map(({ at }) => at))
      return { ...(yield* filler.result), mended: [] }
    })
  )
