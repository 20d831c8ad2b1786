import { statSync } from "node:fs"
import { join, resolve } from "node:path"
import { Clock, type Context, Effect } from "effect"
import {
  accident,
  type BlobMissing,
  canonicalJson,
  type Digest,
  digestOf,
  type ExternalFiles,
  externalFiles,
  hashOf,
  type Store,
  type StoreError,
  withBlobs
} from "../../graph/index.ts"
import { type DirectoryListDigest, type DirectoryPackage, writeDirectoryList } from "../../rules/index.ts"
import { type ChecksumType, hashAlgorithm } from "../repodata/checksum-type.ts"
import { type FoundPackage, fileStat, findPackages, type PackageSelection, type PathProblem } from "./find-packages.ts"
import { markFile, statText } from "./hash-file.ts"
import { type HashOptions, hashFiles } from "./hash-files.ts"
import { type LocationEdit, packageLocation } from "./package-location.ts"
import { packFiles, type WitnessedFile } from "./packed-files.ts"
import {
  isSettled,
  judge,
  recallDirectory,
  rememberDirectory,
  type Witnesses,
  witnessDigest,
  witnessOf,
  witnessText
} from "./witnesses.ts"

/** What is wanted of a directory. */
export interface DirectoryRequest extends PackageSelection {
  /** Believe that a file is unchanged that looks as it did (path, size, times, inode); or read every file again. */
  readonly trust: "stat" | "content"
  /** The checksum that identifies packages. */
  readonly checksumType: ChecksumType
  readonly location: LocationEdit
  /** Do not count on the store to have what it had. */
  readonly repair: boolean
}

/** A directory's packages, read at one moment. */
export interface DirectoryContent {
  readonly packages: typeof DirectoryListDigest.Type
  /** What was to be read and could not be: left out. */
  readonly problems: ReadonlyArray<PathProblem>
  readonly modules: ReadonlyArray<string>
  readonly loops: ReadonlyArray<string>
  /** How many files were read in full. */
  readonly hashed: number
  /** Where a package lies, absolute; null where it is none of the directory's. That its file changed since it was read is an accident. */
  readonly pathOf: (digest: Digest) => Effect.Effect<string | null>
}

/**
 * Reads which packages a directory has and what is in them, each by the checksum of its content. A file that goes or changes while it is
 * read is a problem of its own. Where every file looks as it did, none is read and the list is that of before.
 */
export const readDirectory = (
  request: DirectoryRequest,
  options: Omit<HashOptions, "algorithm">
): Effect.Effect<DirectoryContent, StoreError | BlobMissing, Store> =>
  Effect.gen(function* () {
    const { directory } = request
    const home = resolve(directory)
    const key = contentKey(request)
    const seenAt = yield* Clock.currentTimeMillis
    const { loops, modules, packages, problems } = findPackages(request)
    const memory = yield* recallDirectory(home)
    const known = memory.witnesses
    const read = yield* readChanged(packages, request.trust === "stat" ? known : new Map(), request, options)
    const readable = packages.flatMap((found, index) => {
      const witness = read.witnesses[index]
      return witness === undefined ? [] : [{ ...found, witness }]
    })
    const result = {
      problems: [...problems, ...read.problems],
      modules,
      loops,
      hashed: read.hashed,
      pathOf: unchangedPath(directory, readable)
    }
    const witnesses = new Map(request.list === null && request.excludes.length === 0 ? [] : known)
    for (const { path, stat, witness } of readable) {
      if (isSettled(stat, seenAt)) witnesses.set(path, witness)
      else witnesses.delete(path)
    }
    const isKnown = sameWitnesses(known, witnesses)
    if (isKnown && memory.content?.key === key && witnesses.size === readable.length && !request.repair) {
      // the same paths, looks and wishes as when this list was made
      return { ...result, packages: memory.content.list as typeof DirectoryListDigest.Type }
    }
    const rows = readable.map((file) => rowOf(file, request))
    const list = yield* withBlobs(writeDirectoryList(rows))
    const content = witnesses.size === readable.length ? { key, list } : null
    yield* rememberDirectory(home, { witnesses, content })
    return { ...result, packages: list }
  })

/** All that the list depends on beside the files. */
const contentKey = ({ checksumType, excludes, list, location, skipSymlinks }: DirectoryRequest): string =>
  hashOf(
    digestOf(Buffer.from(canonicalJson({ checksumType, excludes, list, location: { ...location }, skipSymlinks })))
  )

const rowOf = (
  { path, stat, witness }: FoundPackage & WitnessedFile,
  { checksumType, location }: DirectoryRequest
): DirectoryPackage => {
  const { checksums, sigmd5 } = witnessOf(witness)
  const value = checksumType === "sha256" ? undefined : checksums[checksumType]
  return {
    path,
    href: packageLocation(path, location),
    file: witnessDigest(witness),
    sigmd5: sigmd5 === "" ? null : sigmd5,
    time: secondsOf(stat.mtime),
    checksum: value === undefined ? null : { type: checksumType, value }
  }
}

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
    const algorithm = checksumType === "sha256" ? null : hashAlgorithm(checksumType)
    const witnesses = packages.map((found): string | undefined => {
      const text = known.get(found.path)
      if (text === undefined || (algorithm !== null && !(checksumType in witnessOf(text).checksums))) return undefined
      const looks = judge(text, found.stat)
      if (looks !== "touched") return looks === "same" ? text : undefined
      // a link was made to it, or its mode changed: its start tells whether that is all
      const witness = witnessOf(text)
      return markFile(fileOf(found)) === witness.mark ? witnessText(found.stat, witness) : undefined
    })
    const changed = packages.flatMap((found, index) => (witnesses[index] === undefined ? [{ found, index }] : []))
    const hashed = yield* hashFiles(
      changed.map(({ found }) => fileOf(found)),
      { ...options, algorithm }
    )
    const problems: Array<PathProblem> = []
    for (const [at, { found, index }] of changed.entries()) {
      const result = hashed[at] ?? "it was not read"
      if (typeof result === "string") problems.push({ path: found.path, reason: result })
      else {
        const checksums = algorithm === null ? {} : { [checksumType]: result.checksum }
        witnesses[index] = witnessText(found.stat, { ...result, checksums })
      }
    }
    return { witnesses, problems, hashed: changed.length }
  })

const sameWitnesses = (before: Witnesses, after: Witnesses): boolean =>
  before.size === after.size && [...after].every(([path, witness]) => before.get(path) === witness)

/** Whole seconds, rounded down, as the system gives them. */
const secondsOf = (nanoseconds: bigint): number => {
  const seconds = nanoseconds / 1_000_000_000n
  return Number(nanoseconds < 0n && seconds * 1_000_000_000n !== nanoseconds ? seconds - 1n : seconds)
}

/** The package files of directories; the first that has a file is asked for it. */
export const directoryFiles = (
  contents: ReadonlyArray<Pick<DirectoryContent, "pathOf">>
): Context.Tag.Service<ExternalFiles> =>
  externalFiles((digests) =>
    Effect.forEach(digests, (digest) =>
      Effect.gen(function* () {
        for (const { pathOf } of contents) {
          const path = yield* pathOf(digest)
          if (path !== null) return path
        }
        return yield* accident(`no file of the directory has the digest ${digest}`)
      })
    )
  )

/**
 * Finds the package files; one that no longer looks as it did when it was found is none of them. (What replaces it later than that is told
 * by its MD5.)
 */
const unchangedPath = (directory: string, packages: ReadonlyArray<WitnessedFile>): DirectoryContent["pathOf"] => {
  // packed when the first is asked for, which an unchanged directory does not see; then the rest is let go
  let waiting = packages
  let fileOf: ReturnType<typeof packFiles> | undefined
  return (digest) =>
    Effect.suspend(() => {
      fileOf ??= packFiles(waiting)
      waiting = []
      const found = fileOf(digest)
      if (found === undefined) return Effect.succeed(null)
      const path = join(directory, found.path)
      const now = statSync(path, { bigint: true, throwIfNoEntry: false })
      return now !== undefined && judge(found.witness, fileStat(now)) !== "other"
        ? Effect.succeed(path)
        : accident(`${path} changed after it was read; run again when it is complete`)
    })
}
