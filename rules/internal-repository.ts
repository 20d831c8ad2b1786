import { Effect, Schema } from "effect"
import { Bytes, DigestOf, need, plan, writeBlob } from "../graph/index.ts"
import { toplink } from "../src/koji/rpmlist.ts"
import { Directory } from "./directory.ts"
import { InternalListings } from "./internal-listings.ts"
import { InternalRepodata } from "./internal-repodata.ts"
import { InternalContent, InternalSet } from "./internal-set.ts"
import { Merge } from "./merged-metadata.ts"
import { PackageWarning } from "./metadata-run.ts"
import { MetadataOptions } from "./repodata.ts"
import { SnapshotDigest, Stamp } from "./snapshot.ts"
import { markedEmpty } from "./tree.ts"

/** The external repos of one arch, and how they come in. */
const External = Merge.pick("mode", "origin", "repos")

/** The same of some arches; the others have none. */
export const ExternalRepos = Schema.Record({ key: Schema.String, value: External })

/** What the repositories of all arches have in common. */
export const InternalOptions = {
  ...InternalContent,
  /** Names of blocked packages, one a line. */
  blocklist: DigestOf(Bytes),
  ...MetadataOptions
}

/** One arch of an internal repo, from the tag's content to its directory. */
export const InternalRepository = plan("internal-repository", {
  version: 1,
  needs: [InternalSet, InternalListings, InternalRepodata],
  input: Schema.Struct({
    arch: Schema.String,
    snapshot: SnapshotDigest,
    stamp: Stamp,
    external: Schema.optionalWith(External, { exact: true }),
    ...InternalOptions
  }),
  output: Schema.Struct({
    tree: DigestOf(Directory),
    /** How many packages of the tag are in it. */
    rpms: Schema.Int,
    warnings: Schema.Array(PackageWarning)
  }),
  label: ({ arch }) => arch,
  run: ({ arch, blocklist, debuginfo, external, snapshot, src, ...options }) =>
    Effect.gen(function* () {
      const { rpms, set } = yield* need(InternalSet, {
        snapshot,
        arch,
        ...(debuginfo === undefined ? {} : { debuginfo }),
        ...(src === undefined ? {} : { src })
      })
      const { pkglist, rpmlist } = yield* need(InternalListings, { set })
      const { repodata, warnings } = yield* need(InternalRepodata, {
        set,
        ...(external === undefined ? {} : { merge: { arch, blocklist, ...external } }),
        ...options
      })
      const isEmpty = rpms === 0 && external === undefined
      const tree = yield* writeBlob(Directory, {
        entries: [
          { name: toplink, type: "topdir" },
          { name: "pkglist", type: "rope", content: pkglist },
          { name: "rpmlist.jsonl", type: "rope", content: rpmlist },
          { name: "blocklist", type: "file", content: blocklist },
          { name: "repodata", type: "directory", content: isEmpty ? yield* markedEmpty(repodata) : repodata }
        ]
      })
      return { tree, rpms, warnings }
    })
})
