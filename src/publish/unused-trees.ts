import { type Dirent, existsSync, readdirSync, readlinkSync, renameSync, rmSync } from "node:fs"
import { basename, join } from "node:path"
import { Effect } from "effect"
import { nextTurn } from "../../graph/index.ts"
import { clearTrees, treesIn } from "./shared-trees.ts"
import { type UnwritableTree, writing } from "./writing.ts"

/**
 * Removes the shared directories of packages to which no link leads from any repo of any tag on any volume, whatever the state of the repo.
 * Gives their names. To be done under the topdir's publish lock; killed, the next publication or the next removal finishes it.
 */
export const removeUnusedTrees = (
  topdir: string,
  volumes: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<string>, UnwritableTree> =>
  Effect.gen(function* () {
    const unused = yield* unusedTrees(topdir, volumes)
    const trees = treesIn(topdir)
    for (const name of unused) {
      yield* writing(trees, () => {
        const aside = join(trees, `.${name}.tmp`)
        renameSync(join(trees, name), aside)
        rmSync(aside, { recursive: true, force: true })
      })
      yield* nextTurn
    }
    yield* clearTrees(topdir)
    return unused
  })

/** The names of the shared directories to which no link leads. */
export const unusedTrees = (
  topdir: string,
  volumes: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<string>, UnwritableTree> =>
  writing(treesIn(topdir), () => {
    const trees = treesIn(topdir)
    if (!existsSync(trees)) return []
    const used = new Set<string>()
    for (const root of ["repos-dist", ...volumes.map((volume) => `vol/${volume}/repos-dist`)]) {
      addLinks(join(topdir, root), used)
    }
    return readdirSync(trees).filter((name) => !name.startsWith(".") && !used.has(name))
  })

/**
 * Adds the trees to which links lead from anywhere below a folder: from repos that the hub knows or does not know, and from those that a
 * removal has put aside.
 */
const addLinks = (folder: string, used: Set<string>): void => {
  const entries = entriesOf(folder)
  const isRepo = entries.some(({ name }) => name === "repo.json") || basename(folder).startsWith(".")
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && entry.name !== ".trees") isRepo ? addLinksOfArch(path, used) : addLinks(path, used)
    else addLink(entry, path, used)
  }
}

/** The same below an arch of a repo, where a folder of a letter in `Packages` has nothing but packages in it. */
const addLinksOfArch = (folder: string, used: Set<string>): void => {
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name)
    if (!entry.isDirectory()) addLink(entry, path, used)
    else if (basename(folder) !== "Packages") addLinksOfArch(path, used)
  }
}

const addLink = (entry: Dirent, path: string, used: Set<string>): void => {
  if (!entry.isSymbolicLink()) return
  const [, name] = /\.trees\/([0-9a-f]{64})$/.exec(readlinkSync(path)) ?? []
  if (name !== undefined) used.add(name)
}

const entriesOf = (folder: string): ReadonlyArray<Dirent> =>
  existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : []
