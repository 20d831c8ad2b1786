import { Effect, Schema } from "effect"
import { DigestOf, need, needAll, plan } from "../graph/index.ts"
import { ArchSet } from "./arch-set.ts"
import { Directory } from "./directory.ts"
import { PackageWarning } from "./metadata-run.ts"
import { MetadataOptions, Repository } from "./repository.ts"
import { MissingSignatures, SignedLookup } from "./signed-lookup.ts"
import { SnapshotDigest, Stamp } from "./snapshot.ts"

/** A repository to be made: its canonical arch, and the rpm arches that belong in it. */
const RepositoryArch = Schema.Struct({ arch: Schema.String, rpmArches: Schema.Array(Schema.String) })

/**
 * Exports a tag's content: signed lookup, then for each arch the set of its rpms and its repository. From a snapshot's digest to the
 * directory of each arch; pure, so the same content and options give the same bytes for ever.
 */
export const DistRepo = plan("dist-repo", {
  version: 1,
  needs: [SignedLookup, ArchSet, Repository],
  input: Schema.Struct({
    snapshot: SnapshotDigest,
    stamp: Stamp,
    /** Lower case, in order of preference. */
    keys: Schema.Array(Schema.String),
    missingSignatures: MissingSignatures,
    arches: Schema.Array(RepositoryArch),
    /** Absolute, for `_pkgpath` in kojipkgs. */
    topdir: Schema.String,
    ...MetadataOptions
  }),
  output: Schema.Struct({
    repositories: Schema.Array(
      Schema.Struct({
        arch: Schema.String,
        tree: DigestOf(Directory),
        rpms: Schema.Int,
        warnings: Schema.Array(PackageWarning)
      })
    ),
    /** The rpms that no wanted key has signed: left out or taken as they are, as asked. */
    unsigned: Schema.Array(Schema.Struct({ nvra: Schema.String, available: Schema.Array(Schema.String) }))
  }),
  label: () => "",
  run: ({ arches, keys, missingSignatures, snapshot, stamp, topdir, ...metadata }) =>
    Effect.gen(function* () {
      const rpmArches = [...new Set(arches.flatMap((repository) => repository.rpmArches))].sort()
      const { chosen, unsigned } = yield* need(SignedLookup, { snapshot, keys, missingSignatures, rpmArches })
      const sets = yield* needAll(
        ArchSet,
        arches.map((repository) => ({ chosen, ...repository }))
      )
      const repositories = yield* needAll(
        Repository,
        sets.map(({ set }, index) => ({ arch: arches[index]?.arch ?? "", set, topdir, stamp, ...metadata }))
      )
      return {
        repositories: repositories.map((repository, index) => ({ arch: arches[index]?.arch ?? "", ...repository })),
        unsigned
      }
    })
})
