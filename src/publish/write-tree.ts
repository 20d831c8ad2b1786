import { mkdirSync, realpathSync, symlinkSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { Effect } from "effect"
import { type Blobs, type DigestOf, readBlob } from "../../graph/index.ts"
import { Directory, PackageDirectory, Rope } from "../../rules/index.ts"
import { makeFiller, type PackagesGone, type PlacedDirectory, type PlacedPackages } from "./package-filler.ts"
import { shareDirectories } from "./shared-trees.ts"
import { type FileParts, writeFile } from "./write-file.ts"
import { flushesAtOnce, flushFolders, type UnwritableTree, writing } from "./writing.ts"

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

/**
 * Writes a directory by its content, verified, each file and directory flushed to disk. `path` must not exist. Never changes a
 * package file that it links. On failure the half-written tree is the caller's to remove.
 */
export const writeTree = (
  tree: DigestOf<Directory>,
  path: string,
  { layout, onPlaced = () => {}, place, topdir }: TreeOptions
): Effect.Effect<WrittenTree, UnwritableTree | PackagesGone, Blobs> =>
  Effect.gen(function* () {
    const found = yield* makeFolders(tree, path)
    const placeOf = (at: string): string => place + at.slice(path.length)
    for (const at of found.links) {
      yield* writing(at, () => symlinkSync(relative(dirname(placeOf(at)), realpathSync(topdir)), at))
    }
    const files = Effect.forEach(found.files, writeFile, { concurrency: flushesAtOnce, discard: true })
    const packages =
      layout === "shared"
        ? shareDirectories(found.packages, { topdir, onPlaced, placeOf })
        : fillDirectories(found.packages, { topdir, onPlaced, copies: layout === "copy" })
    const [, placed] = yield* Effect.all([files, packages], { concurrency: "unbounded" })
    yield* flushFolders(found.folders)
    return placed
  })

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
            Effect.zipRight(filler.fill(at, runs), flushFolders([at]))
          ),
        { concurrency: filler.foldersAtOnce, discard: true }
      )
      return { ...(yield* filler.result), mended: [] }
    })
  )

/** Makes a directory and those below it, and lists what belongs into them. */
const makeFolders = (tree: DigestOf<Directory>, path: string) =>
  Effect.gen(function* () {
    const folders: Array<string> = []
    const files: Array<FileParts> = []
    const packages: Array<PlacedDirectory> = []
    const links: Array<string> = []
    const make = (digest: DigestOf<Directory>, at: string): Effect.Effect<void, UnwritableTree, Blobs> =>
      Effect.gen(function* () {
        yield* writing(at, () => mkdirSync(at))
        folders.push(at)
        for (const entry of (yield* readBlob(Directory, digest)).entries) {
          const below = join(at, entry.name)
          if (entry.type === "directory") yield* make(entry.content, below)
          if (entry.type === "topdir") links.push(below)
          if (entry.type === "packages") packages.push({ at: below, directory: entry.content })
          if (entry.type === "file") files.push({ at: below, parts: [entry.content] })
          if (entry.type === "rope") files.push({ at: below, parts: yield* readBlob(Rope, entry.content) })
        }
      })
    yield* make(tree, path)
    return { folders, files, packages, links }
  })
