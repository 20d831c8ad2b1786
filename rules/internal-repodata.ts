import { Effect, Schema } from "effect"
import { type DigestOf as BlobOf, DigestOf, need, plan, writeBlob } from "../graph/index.ts"
import { Directory } from "./directory.ts"
import { InternalMetadata } from "./internal-metadata.ts"
import { Merge, MergedMetadata } from "./merged-metadata.ts"
import { MetadataFiles, rowsFor } from "./metadata-files.ts"
import { PackageWarning } from "./metadata-run.ts"
import { fileEntries, MetadataOptions } from "./repodata.ts"
import { Repomd } from "./repomd.ts"
import { BrokenPackages } from "./set-metadata.ts"
import { ChosenListDigest } from "./signed-lookup.ts"
import { Stamp } from "./snapshot.ts"

/** The folder `repodata` of one arch of an internal repo. */
export const InternalRepodata = plan("internal-repodata", {
  version: 1,
  needs: [InternalMetadata, MergedMetadata, MetadataFiles, Repomd],
  input: Schema.Struct({
    set: ChosenListDigest,
    stamp: Stamp,
    /** Where external repos come in. */
    merge: Schema.optionalWith(Merge, { exact: true }),
    ...MetadataOptions
  }),
  output: Schema.Struct({ repodata: DigestOf(Directory), warnings: Schema.Array(PackageWarning) }),
  label: () => "",
  run: ({ additional = [], merge, set, stamp, ...options }) =>
    Effect.gen(function* () {
      const { broken, origins, warnings, ...groups } =
        merge === undefined
          ? { origins: null, ...(yield* need(InternalMetadata, { set, ...options, ...rowsFor(options) })) }
          : yield* need(MergedMetadata, { set, merge, ...options })
      if (broken.length > 0) return yield* new BrokenPackages({ packages: broken })
      const given = origins === null ? additional : [...additional, pkgorigins(origins)]
      const { files } = yield* need(MetadataFiles, { ...groups, ...options, additional: given })
      const repomd = yield* need(Repomd, { files, stamp })
      return { repodata: yield* writeBlob(Directory, { entries: fileEntries(files, repomd) }), warnings }
    })
})

/** As mergerepo_c has it, always with gzip: Koji's builders read it. */
const pkgorigins = (content: BlobOf<Uint8Array>) =>
  ({ type: "origin", name: "pkgorigins", content, compression: "gz" }) as const
