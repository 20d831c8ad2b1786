import { Effect, Schema } from "effect"
import { DigestOf, need, plan, writeBlob } from "../graph/index.ts"
import { Directory, type DirectoryEntry } from "./directory.ts"
import { FileOptions, MetadataFiles } from "./metadata-files.ts"
import { PackageWarning, RunOptions } from "./metadata-run.ts"
import { Repomd } from "./repomd.ts"
import { uniqueName } from "./repository-file.ts"
import { BrokenPackages, SetMetadata } from "./set-metadata.ts"
import { ChosenListDigest } from "./signed-lookup.ts"
import { Stamp } from "./snapshot.ts"

/** How a repository's metadata is made. */
export const MetadataOptions = { ...RunOptions, ...FileOptions }

/** The folder `repodata` of one list of rpms. */
export const Repodata = plan("repodata", {
  version: 1,
  needs: [SetMetadata, MetadataFiles, Repomd],
  input: Schema.Struct({
    /** Of the sub-repository; "" for the repository itself. */
    name: Schema.String,
    set: ChosenListDigest,
    stamp: Stamp,
    ...MetadataOptions
  }),
  output: Schema.Struct({
    repodata: DigestOf(Directory),
    /** How many packages it lists. */
    rpms: Schema.Int,
    warnings: Schema.Array(PackageWarning)
  }),
  label: ({ name }) => name,
  run: ({ set, stamp, ...options }) =>
    Effect.gen(function* () {
      const { broken, warnings, ...groups } = yield* need(SetMetadata, { set, ...options })
      if (broken.length > 0) return yield* new BrokenPackages({ packages: broken })
      const files = yield* need(MetadataFiles, { ...groups, ...options })
      const repomd = yield* need(Repomd, { files, stamp })
      const entries: ReadonlyArray<DirectoryEntry> = [
        ...Object.values(files).map((file) => {
          return { name: uniqueName(file), type: "rope" as const, content: file.content }
        }),
        { name: "repomd.xml", type: "file", content: repomd }
      ]
      return { repodata: yield* writeBlob(Directory, { entries }), rpms: groups.packages, warnings }
    })
})
