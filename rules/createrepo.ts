import { Effect, Schema } from "effect"
import { DigestOf, need, needAll, plan } from "../graph/index.ts"
import { Compression } from "./compression.ts"
import { DeltaRequest, ImpossibleDelta } from "./deltas.ts"
import { Directory } from "./directory.ts"
import { DirectoryDeltas } from "./directory-deltas.ts"
import { DirectoryChunk, DirectoryList, DirectoryListDigest, listedInDirectory } from "./directory-packages.ts"
import { MetadataFiles, prestodelta, rowsFor } from "./metadata-files.ts"
import { metadataGroups } from "./metadata-groups.ts"
import { BrokenPackage, RunMetadata } from "./metadata-run.ts"
import { NamedPackages } from "./named-packages.ts"
import { MetadataOptions } from "./repodata.ts"
import { RepositoryFiles } from "./repository-file.ts"

/** The metadata of a directory's packages. */
const DirectoryMetadata = metadataGroups(
  { groups: "directory-groups", run: "directory-run" },
  DirectoryList,
  DirectoryChunk,
  listedInDirectory
)

/** Which delta rpms a directory's repository has. */
const DirectoryDeltaRequest = Schema.Struct({
  /** The packages of older repositories. */
  older: Schema.Array(DirectoryListDigest),
  ...DeltaRequest.omit("older").fields,
  /** Of their list. */
  compression: Compression
})

const MadeDeltas = Schema.Struct({
  /** Of `drpms`; empty where there is none. */
  drpms: DigestOf(Directory),
  impossible: Schema.Array(ImpossibleDelta),
  /** Packages of each older repository from which none can be made. */
  unnamed: Schema.Array(Schema.Array(BrokenPackage))
})

/**
 * The repository of a plain directory: all files of its metadata but repomd.xml, which holds a date. Broken packages are left out and
 * named.
 */
export const Createrepo = plan("createrepo", {
  version: 3,
  needs: [DirectoryMetadata, NamedPackages, DirectoryDeltas, MetadataFiles],
  input: Schema.Struct({
    packages: DirectoryListDigest,
    deltas: Schema.optionalWith(DirectoryDeltaRequest, { exact: true }),
    ...MetadataOptions
  }),
  output: Schema.Struct({
    files: RepositoryFiles,
    /** How many packages the repository lists. */
    packages: Schema.Int,
    /** What of the files that it was given does not fit it. */
    fileWarnings: Schema.Array(Schema.String),
    /** Where they were asked for. */
    deltas: Schema.optionalWith(MadeDeltas, { exact: true }),
    ...RunMetadata
  }),
  label: () => "",
  run: ({ additional = [], deltas, packages: set, ...options }) =>
    Effect.gen(function* () {
      const { broken, warnings, ...groups } = yield* need(DirectoryMetadata, { set, ...options, ...rowsFor(options) })
      const made = deltas === undefined ? null : yield* makeDeltas(set, deltas, options.changelogLimit)
      const given = made === null ? additional : [...additional, made.list]
      const { files, fileWarnings } = yield* need(MetadataFiles, {
        ...groups,
        ...options,
        ...(given.length === 0 ? {} : { additional: given })
      })
      const told = made === null ? {} : { deltas: made.deltas }
      return { files, packages: groups.packages, fileWarnings, ...told, broken, warnings }
    })
})

const makeDeltas = (
  set: typeof DirectoryListDigest.Type,
  { compression, older, ...how }: typeof DirectoryDeltaRequest.Type,
  changelogLimit: number
) =>
  Effect.gen(function* () {
    const [now, ...before] = yield* needAll(
      NamedPackages,
      [set, ...older].map((packages) => ({ packages, changelogLimit }))
    )
    if (now === undefined) return yield* Effect.dieMessage("a directory without a list of packages")
    const made = yield* need(DirectoryDeltas, {
      set: now.packages,
      older: before.map(({ packages }) => packages),
      ...how
    })
    return {
      list: prestodelta(made.prestodelta, compression),
      deltas: {
        drpms: made.drpms,
        impossible: made.impossible,
        unnamed: before.map(({ unnamed }) => unnamed)
      }
    }
  })
