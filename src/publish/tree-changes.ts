import { join } from "node:path"
import { Effect } from "effect"
import { type Blobs, type DigestOf, readBlob } from "../../graph/index.ts"
import { Directory, type DirectoryEntry, Rope } from "../../rules/index.ts"
import type { PlacedDirectory } from "./package-filler.ts"
import type { FileParts } from "./write-file.ts"

/** What has to be done for a tree to stand at a path. All paths are in it. */
export interface TreeChanges {
  /** Its directories, those of packages excepted: each comes before those below it. */
  readonly folders: ReadonlyArray<string>
  /** Those of them that are not there yet. */
  readonly newFolders: ReadonlyArray<string>
  /** What is there and has no place in it: to be removed first. */
  readonly outdated: ReadonlyArray<string>
  /** What is there under another name of the same directory. */
  readonly renamed: ReadonlyArray<{ readonly from: string; readonly to: string }>
  readonly files: ReadonlyArray<FileParts>
  readonly packages: ReadonlyArray<PlacedDirectory>
}

/** Compares the directory that is to stand at a path with that which was written there, or with nothing. */
export const treeChanges = (
  tree: DigestOf<Directory>,
  standing: DigestOf<Directory> | undefined,
  path: string
): Effect.Effect<TreeChanges, never, Blobs> =>
  Effect.gen(function* () {
    const folders: Array<string> = []
    const newFolders: Array<string> = []
    const outdated: Array<string> = []
    const renamed: Array<TreeChanges["renamed"][number]> = []
    const files: Array<FileParts> = []
    const packages: Array<PlacedDirectory> = []

    const compare = (
      digest: DigestOf<Directory>,
      before: DigestOf<Directory> | undefined,
      at: string
    ): Effect.Effect<void, never, Blobs> =>
      Effect.gen(function* () {
        folders.push(at)
        if (before === undefined) newFolders.push(at)
        const { entries } = yield* readBlob(Directory, digest)
        const there = before === undefined ? [] : (yield* readBlob(Directory, before)).entries
        const left = new Map(there.map((entry) => [entry.name, entry]))
        const fresh: Array<DirectoryEntry> = []
        for (const entry of entries) {
          const known = left.get(entry.name)
          if (entry.type === "directory") {
            const below = known?.type === "directory" ? known.content : undefined
            if (below !== undefined) left.delete(entry.name)
            yield* compare(entry.content, below, join(at, entry.name))
          } else if (known !== undefined && isSame(known, entry)) left.delete(entry.name)
          else fresh.push(entry)
        }
        const taken = new Set(entries.map(({ name }) => name))
        for (const entry of fresh) {
          const to = join(at, entry.name)
          const other = [...left.values()].find((known) => isSame(known, entry) && !taken.has(known.name))
          if (other !== undefined) {
            left.delete(other.name)
            renamed.push({ from: join(at, other.name), to })
          } else if (entry.type === "file") files.push({ at: to, parts: [entry.content] })
          else if (entry.type === "rope") files.push({ at: to, parts: yield* readBlob(Rope, entry.content) })
          else if (entry.type === "packages") packages.push({ at: to, directory: entry.content })
        }
        for (const name of left.keys()) outdated.push(join(at, name))
      })
    yield* compare(tree, standing, path)
    return { folders, newFolders, outdated, renamed, files, packages }
  })

/** The same content, whatever its name. */
const isSame = (one: DirectoryEntry, other: DirectoryEntry): boolean =>
  one.type === other.type && one.content === other.content
