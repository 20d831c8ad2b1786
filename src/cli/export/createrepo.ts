import { availableParallelism } from "node:os"
import { resolve } from "node:path"
import { Effect, Either } from "effect"
import { layerDirectory } from "../../../graph/index.ts"
import type { Compression } from "../../../rules/index.ts"
import {
  type CreaterepoEvent,
  type CreaterepoRequest,
  type CreaterepoResult,
  createrepo as makeRepository
} from "../../export/createrepo.ts"
import type { DirectoryDeltaRequest } from "../../export/directory-deltas.ts"
import type { ExportEvent } from "../../export/dist-repo.ts"
import { deltaLimits } from "../../export/requested-deltas.ts"
import type { Retention } from "../../publish/retention.ts"
import type { RepomdTags } from "../../repodata/repomd.ts"
import type { ArgsOf, Handler, Report } from "../frame/command.ts"
import { Output } from "../frame/output.ts"
import { UsageError } from "../frame/usage-error.ts"
import { tidyUp } from "../store/tidy-up.ts"
import { secondsOfAge } from "../words/age.ts"
import type { CreaterepoCommand } from "./createrepo-spec.ts"
import { ExportFailed } from "./export-failure.ts"
import { givenMetadata } from "./given-files.ts"
import { observed } from "./observed.ts"
import { withProgress } from "./progress.ts"

type Args = ArgsOf<typeof CreaterepoCommand>

export const createrepo: Handler<Args> = (args) =>
  Effect.gen(function* () {
    const request = yield* requestOf(args)
    const about = {
      command: "createrepo",
      subject: { "distgraph.directory": resolve(args.directory) },
      profile: args.profileRun
    }
    return yield* Effect.zipLeft(
      observed(about, (onEvent) => make(request, args, onEvent)),
      tidyUp(args)
    )
  })

const make = (request: CreaterepoRequest, args: Args, onEvent: (event: ExportEvent) => void) =>
  Effect.gen(function* () {
    const output = yield* Output
    const heard = (event: CreaterepoEvent): void => {
      if (event._tag !== "Hashed") onEvent(event)
    }
    const title = `Creating the repository of ${args.directory}`
    const result = yield* withProgress(title, heard, (told) => makeRepository(request, told)).pipe(
      Effect.provide(layerDirectory(args.store)),
      Effect.catchTag("RunFailed", ({ failures }) => new ExportFailed({ tag: args.directory, failures, story: null }))
    )
    yield* Effect.forEach(result.warnings, output.warn)
    yield* Effect.forEach(result.leftOut, ({ path, reason }) => output.warn(`${path} is left out: ${reason}`))
    return reportOf(request, result)
  })

const reportOf = ({ directory, output }: CreaterepoRequest, result: CreaterepoResult): Report => {
  const packages = result.packages === 1 ? "1 package" : `${result.packages} packages`
  const broken = result.leftOut.length
  const without = broken === 0 ? "" : `, ${broken} left out`
  const what = result._tag === "Unchanged" ? "is unchanged" : `of ${directory} is written`
  return {
    lines: [`${resolve(output, "repodata")} ${what} (${packages}${without})`],
    data: {
      status: result._tag === "Unchanged" ? "unchanged" : "published",
      repodata: resolve(output, "repodata"),
      packages: result.packages,
      leftOut: result.leftOut,
      filesRead: result.hashed
    },
    ...(broken === 0 ? {} : { exitCode: 2 })
  }
}

const requestOf = (args: Args): Either.Either<CreaterepoRequest, UsageError> =>
  Either.gen(function* () {
    yield* refuseUnknownRules(args)
    const checksumType = args.checksum ?? "sha256"
    const compression = yield* compressionOf("--general-compress-type", args.generalCompressType)
    const general = compression ?? (args.compatibility ? "gz" : "zstd")
    const additional = (yield* compressionOf("--compress-type", args.compressType)) ?? general
    return {
      directory: args.directory,
      output: args.outputdir ?? args.directory,
      excludes: args.excludes,
      skipSymlinks: args.skipSymlinks,
      pkglist: args.pkglist ?? null,
      includePackages: args.includepkg,
      trust: args.noSkipStat ? "content" : "stat",
      location: {
        cutDirs: yield* atLeast("--cut-dirs", args.cutDirs ?? 0, 0),
        prefix: yield* plain("--location-prefix", args.locationPrefix ?? "")
      },
      base: args.baseurl === undefined || args.baseurl === "" ? null : args.baseurl,
      checksumType,
      compression: general,
      changelogLimit: yield* atLeast("--changelog-limit", args.changelogLimit ?? 10, -1),
      openChecksum: !args.noOpenChecksum,
      zchunk: args.zck ? { dictionaries: args.zckDictDir ?? null } : null,
      database: args.database && !args.noDatabase,
      deltas: yield* deltasOf(args, additional),
      groupFile: args.groupfile ?? null,
      groupRecords: args.compatibility
        ? [
            { type: "group", compression: null },
            { type: "group_gz", compression: "gz" }
          ]
        : [{ type: "group", compression: additional }],
      given: yield* givenMetadata(args),
      repomd: {
        checksumType: args.repomdChecksum ?? checksumType,
        uniqueNames: !args.simpleMdFilenames,
        tags: tagsOf(args),
        revision: yield* revisionOf(args),
        timestampToRevision: args.setTimestampToRevision,
        keepAdditional: !args.discardAdditionalMetadata
      },
      ...(yield* retentionOf(args)),
      ignoreLock: args.ignoreLock,
      workers: yield* atLeast("--workers", args.workers ?? availableParallelism(), 1)
    }
  })

const refuseUnknownRules = (args: Args): Either.Either<void, UsageError> => {
  const reasons: ReadonlyArray<readonly [asked: boolean, reason: string]> = [
    [
      args.deltas && args.oldpackagedirs.length === 0,
      "--deltas needs --oldpackagedirs: delta rpms are made from the packages there"
    ],
    [
      !args.deltas &&
        (args.oldpackagedirs.length > 0 || args.numDeltas !== undefined || args.maxDeltaRpmSize !== undefined),
      "--oldpackagedirs, --num-deltas and --max-delta-rpm-size mean nothing without --deltas"
    ],
    [args.split, "--split: repositories on several media are not made; make one of each medium"],
    [args.filelistsExt, "--filelists-ext: digests of files are not kept of packages"],
    [
      args.duplicatedNevra !== undefined && args.duplicatedNevra !== "keep",
      "--duplicated-nevra: only keep is there yet, which lists all of them"
    ],
    [args.noPretty, "--no-pretty: metadata is always indented; compressed, that costs next to nothing"],
    [args.recyclePkglist, "--recycle-pkglist: the old metadata's packages are not read; give a --pkglist"],
    [
      args.readPkgsList !== undefined,
      "--read-pkgs-list: it is not written yet; --json counts the files that were read"
    ],
    [args.xz, "--xz: metadata is compressed with gz or zstd; xz cannot be put together from parts that stay"],
    [
      args.keepAllMetadata && args.discardAdditionalMetadata,
      "--keep-all-metadata and --discard-additional-metadata exclude each other"
    ],
    [
      args.uniqueMdFilenames && args.simpleMdFilenames,
      "--unique-md-filenames and --simple-md-filenames exclude each other"
    ],
    [args.noSkipStat && args.skipStat, "--skip-stat and --no-skip-stat exclude each other"],
    [args.zckDictDir !== undefined && !args.zck, "Cannot use --zck-dict-dir without setting --zck"]
  ]
  const found = reasons.flatMap(([asked, reason]) => (asked ? [reason] : []))
  return found.length === 0 ? Either.right(undefined) : misuse(found.join("\n"))
}

const compressionOf = (
  option: string,
  type: Args["generalCompressType"]
): Either.Either<"gz" | "zstd" | undefined, UsageError> =>
  type === undefined || type === "gz" || type === "zstd"
    ? Either.right(type)
    : misuse(
        `${option} ${type}: metadata is compressed with gz or zstd, which can be put together from parts that stay as they are`
      )

const deltasOf = (
  { deltas, maxDeltaRpmSize, numDeltas, oldpackagedirs }: Args,
  compression: Compression
): Either.Either<DirectoryDeltaRequest | null, UsageError> =>
  Either.gen(function* () {
    if (!deltas) return null
    return {
      older: [...new Set(oldpackagedirs)],
      perRepository: yield* atLeast("--num-deltas", numDeltas ?? deltaLimits.perRepository, 1),
      maxInstalledSize: yield* atLeast("--max-delta-rpm-size", maxDeltaRpmSize ?? deltaLimits.maxInstalledSize, 0),
      compression
    }
  })

const tagsOf = ({ content, distro, repo }: Args): RepomdTags => ({
  content,
  repo,
  distro: distro.flatMap((value) => {
    const comma = value.indexOf(",")
    const text = value.slice(comma + 1)
    return text === "" ? [] : [{ cpeid: comma <= 0 ? null : value.slice(0, comma), text }]
  })
})

const revisionOf = ({ revision, setTimestampToRevision }: Args): Either.Either<string | null, UsageError> => {
  if (!setTimestampToRevision) return Either.right(revision ?? null)
  const isTime = revision !== undefined && /^\d+$/.test(revision) && Number.isSafeInteger(Number(revision))
  return isTime
    ? Either.right(revision)
    : misuse("--set-timestamp-to-revision needs a --revision that is a number of seconds")
}

/** Source: createrepo_c's --retain-old-md and --retain-old-md-by-age. */
const retentionOf = ({
  compatibility,
  retainOldMd,
  retainOldMdByAge
}: Args): Either.Either<{ readonly retention: Retention; readonly retentionGiven: boolean }, UsageError> =>
  Either.gen(function* () {
    if (retainOldMdByAge !== undefined) {
      if (retainOldMd !== undefined)
        return yield* misuse("--retain-old-md-by-age cannot be combined with --retain-old-md")
      const seconds = secondsOfAge(retainOldMdByAge)
      if (seconds === undefined)
        return yield* misuse(`--retain-old-md-by-age: not an age: '${retainOldMdByAge}' (30m, 8h, 7d, or seconds)`)
      return { retention: { kind: "age", seconds }, retentionGiven: true }
    }
    const count = yield* atLeast("--retain-old-md", retainOldMd ?? 0, -1)
    const retentionGiven = retainOldMd !== undefined && retainOldMd !== 0
    if (count === -1 || (count > 0 && !compatibility)) return { retention: { kind: "all" }, retentionGiven }
    return { retention: compatibility ? { kind: "newest", count } : { kind: "unlisted" }, retentionGiven }
  })

const atLeast = (option: string, value: number, least: number): Either.Either<number, UsageError> =>
  value >= least ? Either.right(value) : misuse(`${option} must be at least ${least}, not ${value}`)

/** What goes into every package's path. */
const plain = (option: string, text: string): Either.Either<string, UsageError> =>
  /\p{Cc}/u.test(text) ? misuse(`${option} has a control character in it`) : Either.right(text)

const misuse = (reason: string): Either.Either<never, UsageError> => Either.left(new UsageError({ reason }))
