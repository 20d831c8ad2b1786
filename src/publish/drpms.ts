import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import type { DigestOf } from "../../graph/index.ts"
import { flush } from "../hub/flush.ts"
import type { ListedDrpm } from "../repodata/read-prestodelta.ts"

/** A delta rpm to be published. */
export interface Drpm extends ListedDrpm {
  readonly content: DigestOf<Uint8Array>
}

/** Where delta rpms lie beside `repodata`. */
export const drpmsFolder = "drpms"

/**
 * The delta rpms that are not there yet. That one is there is believed of a file of its size that the old repository lists with its
 * checksum: their names say nothing of their content.
 */
export const missingDrpms = (
  directory: string,
  drpms: ReadonlyArray<Drpm>,
  listedBefore: ReadonlyArray<ListedDrpm>
): ReadonlyArray<Drpm> => {
  const listed = new Map(listedBefore.map((drpm) => [drpm.name, drpm.sha256]))
  return drpms.filter((drpm) => listed.get(drpm.name) !== drpm.sha256 || !hasDrpm(directory, drpm))
}

/** Whether a file of that name and size is there. */
export const hasDrpm = (directory: string, { name, size }: ListedDrpm): boolean => {
  const stat = statSync(join(directory, drpmsFolder, name), { throwIfNoEntry: false })
  return stat?.isFile() === true && stat.size === size
}

/** Moves delta rpms into place that are written and flushed. */
export const placeDrpms = (directory: string, aside: string, names: ReadonlyArray<string>): void => {
  if (names.length === 0) return
  const folder = join(directory, drpmsFolder)
  const isNew = !existsSync(folder)
  mkdirSync(folder, { recursive: true })
  for (const name of names) renameSync(join(aside, drpmsFolder, name), join(folder, name))
  flush(folder)
  if (isNew) flush(directory)
}

/** Removes delta rpms, and their folder if it is empty then. */
export const removeDrpms = (directory: string, names: ReadonlyArray<string>): void => {
  if (names.length === 0) return
  const folder = join(directory, drpmsFolder)
  for (const name of names) rmSync(join(folder, name), { force: true })
  try {
    rmdirSync(folder)
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : ""
    // it has others, is a link, or was never made
    if (!["ENOTEMPTY", "EEXIST", "ENOENT", "ENOTDIR"].includes(code)) throw cause
  }
}

/** Those of a killed run's delta rpms that the repository does not list as they are. */
export const strayDrpms = (
  directory: string,
  names: ReadonlyArray<string>,
  listed: ReadonlyArray<ListedDrpm>
): ReadonlyArray<string> => {
  const sums = new Map(listed.map(({ name, sha256 }) => [name, sha256]))
  return names.filter((name) => {
    const path = join(directory, drpmsFolder, name)
    const sum = sums.get(name)
    return (
      sum === undefined || !existsSync(path) || sum !== createHash("sha256").update(readFileSync(path)).digest("hex")
    )
  })
}
