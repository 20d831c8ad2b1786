import { Effect, Schema } from "effect"
import { DigestOf, need, plan, writeBlob } from "../graph/index.ts"
import { Directory } from "./directory.ts"
import { InternalMetadata } from "./internal-metadata.ts"
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
  needs: [InternalMetadata, MetadataFiles, Repomd],
  input: Schema.Struct({ set: ChosenListDigest, stamp: Stamp, ...MetadataOptions }),
  output: Schema.Struct({ repodata: DigestOf(Directory), warnings: Schema.Array(PackageWarning) }),
  label: () => "",
  run: ({ set, stamp, ...options }) =>
    Effect.gen(function* () {
      const { broken, warnings, ...groups } = yield* need(InternalMetadata, { set, ...options, ...rowsFor(options) })
      if (broken.length > 0) return yield* new BrokenPackages({ packages: broken })
      const { files } = yield* need(MetadataFiles, { ...groups, ...options })
      const repomd = yield* need(Repomd, { files, stamp })
      return { repodata: yield* writeBlob(Directory, { entries: fileEntries(files, repomd) }), warnings }
    })
})
