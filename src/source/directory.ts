import { statSync } from "node:fs"
import { join, resolve } from "node:path"
import { Clock, type Context, Effect } from "effect"
import {
  accident,
  type BlobMissing,
  type Digest,
  type ExternalFiles,
  externalFiles,
  makeDigest,
  type Store,
  type StoreError,
  withBlobs
} from "../../graph/index.ts"
import { type DirectoryPackage, writeDirectoryList } from "../../rules/index.ts"
import { type ChecksumType, hashAlgorithm } from "../repodata/checksum-type.ts"
import {
  type FileStat,
  type FoundPackage,
  fileStat,
  findPackages,
  type PackageSelection,
  type PathProblem
} from "./find-packages.ts"
import { type HashedFile, markFile, statText } from "./hash-file.ts"
import { type HashOptions, hashFiles } from "./hash-files.ts"
import { isSettled, judge, recallWitnesses, rememberWitnesses, type Witness, type Witnesses } from "./witnesses.ts"

/** What is wanted of a directory. */
export interface DirectoryRequest extends PackageSelection {
  /** Believe that a file is unchanged that looks as it did (path, size, times, inode); or read every file again. */
  readonly trust: "stat" | "content"
  /** The checksum that identifies packages. */
  readonly checksumType: ChecksumType
  /** The path of a package in the repository, from that in the directory. */
  readonly href: (path: string) => string
}

/** A directory's packages, read at one moment. */
export interface DirectoryContent {
  /** In the store. */
  readonly packages: Effect.Effect.Success<ReturnType<typeof writeDirectoryList>>
  /** What was to be read and could not be: left out. */
  readonly problems: ReadonlyArray<PathProblem>
  readonly modules: ReadonlyArray<string>
  readonly loops: ReadonlyArray<string>
  /** How many files were read in full. */
  readonly hashed: number
  readonly files: Context.Tag.Service<ExternalFiles>
}

/**
 * Reads which packages a directory has and what is in them, each by the checksum of its content. A file that goes or changes while it is
 * read is a problem of its own.
 */
export const readDirectory = (
  request: DirectoryRequest,
  options: Omit<HashOptions, "algorithm">
): Effect.Effect<DirectoryContent, StoreError | BlobMissing, Store> =>
  Effect.gen(function* () {
    const { checksumType, directory, href } = request
    const home = resolve(directory)
    const seenAt = yield* Clock.currentTimeMillis
    const { loops, modules, packages, problems } = findPackages(request)
    const known = request.trust === "stat" ? yield* recallWitnesses(home) : new Map<string, Witness>()
    const read = yield* readChanged(packages, known, request, options)
    const witnesses = new Map<string, Witness>(request.list === null && request.excludes.length === 0 ? [] : known)
    const rows: Array<DirectoryPackage> = []
    const paths = new Map<Digest, FoundPackage>()
    for (const [index, found] of packages.entries()) {
      const { path, stat } = found
      const witness = read.witnesses[index]
      if (witness === undefined) continue
      if (isSettled(stat, seenAt)) witnesses.set(path, witness)
      else witnesses.delete(path)
      const file = makeDigest(witness.sha256, stat.size)
      const value = witness.checksums[checksumType]
      const checksum = value === undefined || checksumType === "sha256" ? null : { type: checksumType, value }
      rows.push({ path, href: href(path), file, time: secondsOf(stat.mtime), checksum })
      paths.set(file, found)
    }
    if (!sameWitnesses(known, witnesses)) yield* rememberWitnesses(home, witnesses)
    return {
      packages: yield* withBlobs(writeDirectoryList(rows)),
      problems: [...problems, ...read.problems],
      modules,
      loops,
      hashed: read.hashed,
      files: unchangedFiles(directory, paths)
    }
  })

/** A witness for each package, new where it must be; undefined where the file could not be read. */
const readChanged = (
  packages: ReadonlyArray<FoundPackage>,
  known: Witnesses,
  { checksumType, directory }: DirectoryRequest,
  options: Omit<HashOptions, "algorithm">
) =>
  Effect.gen(function* () {
    const fileOf = ({ path, stat }: FoundPackage) => {
      return { path: join(directory, path), stat: statText(stat), size: stat.size }
    }
    const witnesses: Array<Witness | undefined> = packages.map((found) => {
      const { path, stat } = found
      const witness = known.get(path)
      if (witness === undefined || (checksumType !== "sha256" && !(checksumType in witness.checksums))) return undefined
      const looks = judge(witness, stat)
      if (looks === "same") return witness
      // a link was made to it, or its mode changed: its start tells whether that is all
      return looks === "touched" && markFile(fileOf(found)) === witness.mark
        ? { ...witness, ctime: String(stat.ctime) }
        : undefined
    })
    const changed = packages.flatMap((found, index) => (witnesses[index] === undefined ? [{ found, index }] : []))
    const algorithm = checksumType === "sha256" ? null : hashAlgorithm(checksumType)
    const hashed = yield* hashFiles(
      changed.map(({ found }) => fileOf(found)),
      { ...options, algorithm }
    )
    const problems: Array<PathProblem> = []
    for (const [at, { found, index }] of changed.entries()) {
      const result = hashed[at] ?? "it was not read"
      if (typeof result === "string") problems.push({ path: found.path, reason: result })
      else witnesses[index] = witnessOf(found.stat, result, checksumType)
    }
    return { witnesses, problems, hashed: changed.length }
  })

const witnessOf = (stat: FileStat, { checksum, mark, sha256 }: HashedFile, type: ChecksumType): Witness => ({
  size: stat.size,
  mtime: String(stat.mtime),
  inode: String(stat.inode),
  ctime: String(stat.ctime),
  mark,
  sha256,
  checksums: checksum === "" ? {} : { [type]: checksum }
})

const sameWitnesses = (before: Witnesses, after: Witnesses): boolean =>
  before.size === after.size && [...after].every(([path, witness]) => before.get(path) === witness)

/** Whole seconds, rounded down, as the system gives them. */
const secondsOf = (nanoseconds: bigint): number => {
  const seconds = nanoseconds / 1_000_000_000n
  return Number(nanoseconds < 0n && seconds * 1_000_000_000n !== nanoseconds ? seconds - 1n : seconds)
}

/** The package files; one that no longer looks as it did when it was found is none of them. */
const unchangedFiles = (
  directory: string,
  paths: ReadonlyMap<Digest, FoundPackage>
): Context.Tag.Service<ExternalFiles> => {
  const find = (digest: Digest) => {
    const found = paths.get(digest)
    return found === undefined ? accident(`no file of ${directory} has the digest ${digest}`) : Effect.succeed(found)
  }
  const unchanged = ({ path, stat }: FoundPackage) =>
    Effect.suspend(() => {
      const now = statSync(join(directory, path), { bigint: true, throwIfNoEntry: false })
      return now !== undefined && sameContent(fileStat(now), stat)
        ? Effect.void
        : accident(`${join(directory, path)} changed after it was read; run again when it is complete`)
    })
  const files = externalFiles((digest) => Effect.map(find(digest), ({ path }) => join(directory, path)))
  return {
    ...files,
    withFile: (digest, use) =>
      Effect.flatMap(find(digest), (found) =>
        Effect.zipLeft(Effect.zipRight(unchanged(found), files.withFile(digest, use)), unchanged(found))
      )
  }
}

const sameContent = (a: FileStat, b: FileStat): boolean =>
  a.size === b.size && a.mtime === b.mtime && a.inode === b.inode
