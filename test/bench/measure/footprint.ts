import { type Dirent, lstatSync, readdirSync } from "node:fs"
import { join } from "node:path"

/** What a folder holds. */
export interface Footprint {
  /** Regular files that are no packages. */
  readonly files: ReadonlyArray<{ readonly path: string; readonly bytes: number }>
  /** The bytes of those. */
  readonly bytes: number
  /** Packages, linked or copied. */
  readonly packages: number
  /** Symbolic links. */
  readonly links: number
}

/** Counts what is below a folder; symbolic links are not followed. */
export const footprintOf = (folder: string): Footprint => {
  const files: Array<{ readonly path: string; readonly bytes: number }> = []
  let packages = 0
  let links = 0
  for (const entry of entriesBelow(folder)) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isSymbolicLink()) links += 1
    else if (entry.name.endsWith(".rpm")) packages += 1
    else files.push({ path, bytes: lstatSync(path).size })
  }
  return { files, bytes: files.reduce((sum, file) => sum + file.bytes, 0), packages, links }
}

/** The size of the three metadata files that are compared in a repodata folder, as published. */
export const metadataBytes = (repodata: string): number =>
  readdirSync(repodata)
    .filter((name) => /(primary|filelists|other)\.xml\.(gz|zst)$/.test(name))
    .reduce((sum, name) => sum + lstatSync(join(repodata, name)).size, 0)

function* entriesBelow(folder: string): Generator<Dirent> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) yield* entriesBelow(join(folder, entry.name))
    else yield entry
  }
}
