import { type BigIntStats, type Dirent, readdirSync, statSync } from "node:fs"
import { basename, join } from "node:path"
import { getSystemErrorMessage } from "node:util"
import { namePattern } from "./name-pattern.ts"

/** Which files of a directory are its packages. */
export interface PackageSelection {
  /** Absolute. */
  readonly directory: string
  /** Globs; what matches by its bare name or by its path below the directory is left out, folders with all that is in them. */
  readonly excludes: ReadonlyArray<string>
  /** Leave out packages that are symbolic links. Folders that are links are looked into all the same. */
  readonly skipSymlinks: boolean
  /** Paths relative to the directory instead of what lies in it; null to look. */
  readonly list: ReadonlyArray<string> | null
}

/** A package file as it was found. */
export interface FoundPackage {
  /** Relative to the directory, as found or listed. */
  readonly path: string
  readonly stat: FileStat
}

/** What tells whether a file is still the same. */
export interface FileStat {
  /** Bytes. */
  readonly size: number
  /** Of the last change of its content, in nanoseconds since the epoch. */
  readonly mtime: bigint
  readonly inode: bigint
  /** Of the last change of anything about it, such as its number of links. */
  readonly ctime: bigint
}

/** Something that was to be read and cannot be. */
export interface PathProblem {
  /** Relative to the directory. */
  readonly path: string
  readonly reason: string
}

export interface FoundPackages {
  readonly packages: ReadonlyArray<FoundPackage>
  readonly problems: ReadonlyArray<PathProblem>
  /** Module metadata, which createrepo_c would merge into the repository. */
  readonly modules: ReadonlyArray<string>
  /** Folders that were not looked into because they are links to a folder above them. */
  readonly loops: ReadonlyArray<string>
}

/**
 * Finds the packages of a directory as createrepo_c does: regular files, or links to them, whose names end in `.rpm`, at any depth;
 * links that lead nowhere are passed over. Of a list every path is a package, whatever its name, and one that is not there is a problem.
 * In no particular order.
 */
export const findPackages = (selection: PackageSelection): FoundPackages => {
  const found: Found = { packages: [], problems: [], modules: [], loops: [] }
  const excluded = excluder(selection.excludes)
  if (selection.list === null) walk(selection, excluded, found)
  else readList(selection.directory, selection.list, excluded, found)
  return found
}

interface Found {
  readonly packages: Array<FoundPackage>
  readonly problems: Array<PathProblem>
  readonly modules: Array<string>
  readonly loops: Array<string>
}

const excluder = (globs: ReadonlyArray<string>): ((path: string, name: string) => boolean) => {
  const patterns = globs.map(namePattern)
  return (path, name) => patterns.some((matches) => matches(name) || matches(path))
}

interface Folder {
  /** Relative, with a slash at its end, or empty. */
  readonly path: string
  /** Device and inode of the folder and of those above it. */
  readonly identities: ReadonlyArray<string>
}

const walk = ({ directory, skipSymlinks }: PackageSelection, excluded: ReturnType<typeof excluder>, found: Found) => {
  const folders: Array<Folder> = [{ path: "", identities: [] }]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const { path } = folder
    const entries = tryTo(() => {
      const stat = statSync(join(directory, path), { bigint: true, throwIfNoEntry: path === "" })
      if (stat === undefined) return undefined
      return { identity: `${stat.dev} ${stat.ino}`, all: readdirSync(join(directory, path), { withFileTypes: true }) }
    })
    // as a file that goes before it is looked at was not there
    if (entries === undefined) continue
    if (typeof entries === "string") {
      found.problems.push({ path: path === "" ? "." : path, reason: entries })
      continue
    }
    if (folder.identities.includes(entries.identity)) {
      found.loops.push(path)
      continue
    }
    const identities = [...folder.identities, entries.identity]
    for (const entry of entries.all) {
      const at = path + entry.name
      if (excluded(at, entry.name)) continue
      const kind = kindOf(entry)
      if (kind === "other") continue
      // a package, a link, or a file system that does not tell: all of which must be looked at
      const stat = entry.isDirectory()
        ? undefined
        : tryTo(() => statSync(join(directory, at), { bigint: true, throwIfNoEntry: false }))
      const isFolder = entry.isDirectory() || (typeof stat === "object" && stat.isDirectory())
      const reason = isFolder || kind === "package" ? unlistable(at) : null
      if (reason !== null) found.problems.push({ path: at, reason })
      else if (isFolder) folders.push({ path: `${at}/`, identities })
      else if (typeof stat === "string") found.problems.push({ path: at, reason: stat })
      else if (stat?.isFile() && kind === "modules") found.modules.push(at)
      else if (stat?.isFile() && kind === "package" && !(skipSymlinks && entry.isSymbolicLink())) add(found, at, stat)
    }
  }
}

const readList = (
  directory: string,
  list: ReadonlyArray<string>,
  excluded: ReturnType<typeof excluder>,
  found: Found
): void => {
  for (const path of new Set(list)) {
    if (excluded(path, path)) continue
    if (isModules(path)) {
      found.modules.push(path)
      continue
    }
    const unlisted = unlistable(path)
    const stat = unlisted ?? tryTo(() => statSync(join(directory, path), { bigint: true }))
    if (typeof stat === "string") found.problems.push({ path, reason: stat })
    else if (stat.isFile()) add(found, path, stat)
    else found.problems.push({ path, reason: "it is no regular file" })
  }
}

const add = ({ packages }: Found, path: string, stat: BigIntStats): void => {
  packages.push({ path, stat: fileStat(stat) })
}

export const fileStat = ({ ctimeNs, ino, mtimeNs, size }: BigIntStats): FileStat => ({
  size: Number(size),
  mtime: mtimeNs,
  inode: ino,
  ctime: ctimeNs
})

/** Why a path cannot stand in metadata, or in a list that has a line for each package; or null. */
const unlistable = (path: string): string | null => {
  if (control.test(path)) return "its path has a control character in it; rename it"
  // what is no UTF-8 becomes this character when Node reads the directory
  return path.includes("\ufffd") || !path.isWellFormed() ? "its path is not valid UTF-8; rename it" : null
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: just those that neither XML nor a line can hold
const control = /[\0-\x1f\ufffe\uffff]/

type Kind = "package" | "modules" | "directory" | "other"

const kindOf = (entry: Dirent): Kind => {
  if (entry.isDirectory()) return "directory"
  if (entry.name.endsWith(".rpm")) return "package"
  if (isModules(entry.name)) return "modules"
  // a link may lead to a folder
  return entry.isFile() ? "other" : "directory"
}

/** By the ends of their names, as createrepo_c 0.17 knows them. */
const isModules = (path: string): boolean =>
  ["modules.yaml", ".modulemd.yaml", ".modulemd-defaults.yaml"].some((end) => basename(path).endsWith(end))

/** What a call gives, or why the system refuses it. */
const tryTo = <A extends object | undefined>(call: () => A): A | string => {
  try {
    return call()
  } catch (cause) {
    return systemReason(cause)
  }
}

/** The reason alone: Node's own messages repeat the call and the path. */
const systemReason = (cause: unknown): string =>
  cause instanceof Error && "errno" in cause
    ? getSystemErrorMessage(Number(cause.errno))
    : cause instanceof Error
      ? cause.message
      : String(cause)
