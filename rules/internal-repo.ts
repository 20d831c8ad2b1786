import { Effect, Schema } from "effect"
import { Bytes, DigestOf, needAll, plan, writeBlob } from "../graph/index.ts"
import { Directory, type DirectoryEntry } from "./directory.ts"
import { ExternalRepos, InternalOptions, InternalRepository } from "./internal-repository.ts"
import { PackageWarning } from "./metadata-run.ts"
import { SnapshotDigest, Stamp } from "./snapshot.ts"

/**
 * A tag's internal repo, from which builds are made: for each arch the metadata of the packages as they were imported, which stay where they
 * lie. From a snapshot's digest to the directory of each arch, by the very steps that read packages for dist repos.
 */
export const InternalRepo = plan("internal-repo", {
  version: 1,
  needs: [InternalRepository],
  input: Schema.Struct({
    snapshot: SnapshotDigest,
    stamp: Stamp,
    /** Canonical names; `src` is one of source packages. */
    arches: Schema.Array(Schema.String),
    /** The comps file of the tag's groups, for the folder `groups`. */
    groups: DigestOf(Bytes),
    /** By arch. */
    external: Schema.optionalWith(ExternalRepos, { exact: true }),
    ...InternalOptions
  }),
  output: Schema.Struct({
    /** All that is published, but repo.json, which holds the id. */
    root: DigestOf(Directory),
    repositories: Schema.Array(
      Schema.Struct({
        arch: Schema.String,
        tree: DigestOf(Directory),
        rpms: Schema.Int,
        warnings: Schema.Array(PackageWarning)
      })
    )
  }),
  label: () => "",
  run: ({ arches, external = {}, groups, ...options }) =>
    Effect.gen(function* () {
      const repositories = yield* needAll(
        InternalRepository,
        arches.map((arch) => {
          const own = external[arch]
          return { arch, ...(own === undefined ? {} : { external: own }), ...options }
        })
      )
      const named = repositories.map((repository, index) => ({ arch: arches[index] ?? "", ...repository }))
      const comps: DirectoryEntry = { name: "comps.xml", type: "file", content: groups }
      const root = yield* writeBlob(Directory, {
        entries: [
          ...named.map(({ arch, tree }): DirectoryEntry => ({ name: arch, type: "directory", content: tree })),
          { name: "groups", type: "directory", content: yield* writeBlob(Directory, { entries: [comps] }) }
        ]
      })
      return { root, repositories: named }
    })
})
