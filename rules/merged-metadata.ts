import { Effect, Schema } from "effect"
import { action, Bytes, DigestOf, need, needAll, plan, readBlob, writeBlob } from "../graph/index.ts"
import { mergeModes, mergeRepos } from "../src/koji/merge-repos.ts"
import { nvra } from "../src/rpm/nevra.ts"
import { cutIntoChunks, runsOf } from "./chunk-list.ts"
import { CompressGroup, MetadataRows } from "./compress-group.ts"
import { ExternalPackages, ExternalRepo } from "./external-packages.ts"
import { InternalMetadata } from "./internal-metadata.ts"
import { LocalRows, type MergeRow, MergeRows } from "./merge-rows.ts"
import { joinRuns, RepositoryGroups } from "./metadata-groups.ts"
import { compressRun, RunMetadata, RunOptions, runLevel } from "./metadata-run.ts"
import { ChunkRows, RowsList } from "./rows-list.ts"
import { compareBytes } from "./rpm-row.ts"
import { ChosenListDigest } from "./signed-lookup.ts"

const MergeOptions = {
  arch: Schema.String,
  mode: Schema.Literal(...mergeModes),
  /** Names of source packages that do not come in, one a line. */
  blocklist: DigestOf(Bytes)
}

/** How external repos come into one arch of an internal repo. */
export const Merge = Schema.Struct({
  ...MergeOptions,
  /** The URL that is the origin of the repo's own packages. */
  origin: Schema.String,
  /** The one that counts most first. */
  repos: Schema.Array(ExternalRepo)
})

/** Decides over all packages at once, and cuts what is left into chunks, so that what is made of those can stay. */
const MergeList = action("merge-list", {
  version: 1,
  input: Schema.Struct({
    ...MergeOptions,
    repos: Schema.Array(Schema.Struct({ origin: Schema.String, lists: Schema.Array(DigestOf(MergeRows)) }))
  }),
  output: Schema.Struct({
    chunks: Schema.Array(Schema.Struct({ ...ChunkRows.fields, packages: Schema.Int, level: Schema.Int })),
    /** Of each N-V-R.A the URL of the repository that it is from. */
    origins: DigestOf(Bytes)
  }),
  label: ({ arch }) => arch,
  cost: ({ repos }) => 100 * repos.length,
  run: ({ arch, blocklist, mode, repos }) =>
    Effect.gen(function* () {
      const lists = yield* Effect.forEach(repos, ({ lists }) =>
        Effect.map(
          Effect.forEach(lists, (list) => readBlob(MergeRows, list)),
          (rows) => rows.flat()
        )
      )
      const names = Buffer.from(yield* readBlob(Bytes, blocklist))
        .toString()
        .split("\n")
      const blocked = new Set(names.filter((name) => name !== ""))
      const merged = mergeRepos(lists, { arch, mode, blocked }).flatMap(({ index, origin, repo }) => {
        const row = lists[repo]?.[index]
        return row === undefined ? [] : [{ row, origin: origin ? (repos[repo]?.origin ?? "") : null }]
      })
      const rows = merged.map(({ row }) => row).sort(byPlace)
      const chunks = yield* Effect.forEach(cutIntoChunks(rows), ({ first, level, rows }) =>
        Effect.map(writeBlob(MetadataRows, rows), (written) => ({ rows: written, first, packages: rows.length, level }))
      )
      const origins = merged.flatMap(({ origin, row }) => (origin === null ? [] : [`${nvra(row)}\t${origin}\n`]))
      return { chunks, origins: yield* writeBlob(Bytes, Buffer.from(origins.join(""))) }
    })
})

/** The metadata of an internal repo's own packages and of those of external repos. */
export const MergedMetadata = plan("merged-metadata", {
  version: 1,
  needs: [InternalMetadata, LocalRows, ExternalPackages, MergeList, CompressGroup],
  input: Schema.Struct({ set: ChosenListDigest, merge: Merge, ...RunOptions }),
  output: Schema.Struct({ ...RepositoryGroups, origins: DigestOf(Bytes), ...RunMetadata }),
  label: ({ merge }) => merge.arch,
  run: ({ merge: { origin, repos, ...merge }, set, ...options }) =>
    Effect.gen(function* () {
      const { broken, rows, warnings } = yield* need(InternalMetadata, { set, rows: true, ...options })
      const own = rows === undefined ? [] : yield* readBlob(RowsList, rows)
      const local = yield* needAll(LocalRows, own)
      const external = yield* needAll(ExternalPackages, repos)
      const { chunks, origins } = yield* need(MergeList, {
        ...merge,
        repos: [
          { origin, lists: local },
          ...external.map((list, index) => ({ origin: `${repos[index]?.url}/`, lists: [list] }))
        ]
      })
      const runs = yield* Effect.forEach(
        runsOf(chunks, runLevel(options.compression)),
        (run) =>
          compressRun(
            run.map(({ first, rows }) => ({ first, rows })),
            options
          ),
        { concurrency: "unbounded" }
      )
      return {
        ...(yield* joinRuns(runs)),
        packages: chunks.reduce((sum, { packages }) => sum + packages, 0),
        rows: yield* writeBlob(
          RowsList,
          chunks.map(({ first, rows }) => ({ first, rows }))
        ),
        origins,
        broken,
        warnings
      }
    })
})

/** Source: mergerepo_c's order: by name, then by place. */
const byPlace = (a: MergeRow, b: MergeRow): number =>
  compareBytes(a.name, b.name) || compareBytes(a.href, b.href) || compareBytes(a.base ?? "", b.base ?? "")
