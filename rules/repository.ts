import { Effect, Schema } from "effect"
import { DigestOf, need, needAll, type OutputOf, plan } from "../graph/index.ts"
import type { MetadataKind } from "./compress-group.ts"
import { type Compression, suffixes } from "./compression.ts"
import { Directory } from "./directory.ts"
import { Listings } from "./listings.ts"
import { MetadataFile } from "./metadata-file.ts"
import { PackageWarning, RunOptions } from "./metadata-run.ts"
import { Repomd } from "./repomd.ts"
import { BrokenPackages, SetMetadata } from "./set-metadata.ts"
import { ChosenListDigest } from "./signed-lookup.ts"
import { Stamp } from "./snapshot.ts"
import { Tree } from "./tree.ts"

/** How a repository's metadata is made. */
export const MetadataOptions = { ...RunOptions, openChecksum: Schema.Boolean }

/** One repository, from its rpms to its directory. */
export const Repository = plan("repository", {
  version: 1,
  needs: [SetMetadata, MetadataFile, Repomd, Listings, Tree],
  input: Schema.Struct({
    arch: Schema.String,
    set: ChosenListDigest,
    topdir: Schema.String,
    stamp: Stamp,
    ...MetadataOptions
  }),
  output: Schema.Struct({ tree: DigestOf(Directory), rpms: Schema.Int, warnings: Schema.Array(PackageWarning) }),
  label: ({ arch }) => arch,
  run: ({ changelogLimit, compression, openChecksum, set, stamp, topdir }) =>
    Effect.gen(function* () {
      const metadata = yield* need(SetMetadata, { set, changelogLimit, compression })
      const { broken, packages: rpms, warnings } = metadata
      if (broken.length > 0) return yield* new BrokenPackages({ packages: broken })
      const made = yield* needAll(
        MetadataFile,
        kinds.map((kind) => ({ kind, rpms, ...metadata[kind], compression, openChecksum }))
      )
      const files = byKind(made, compression)
      const repomd = yield* need(Repomd, { ...files, stamp })
      const listings = yield* need(Listings, { set, topdir })
      const tree = yield* need(Tree, { repomd, ...listings, ...files })
      return { tree, rpms, warnings }
    })
})

const kinds: ReadonlyArray<MetadataKind> = ["primary", "filelists", "other"]

/** Each file under its kind, with the name that repomd.xml and the tree give it. */
const byKind = (made: ReadonlyArray<OutputOf<typeof MetadataFile>>, compression: Compression) => {
  const named = made.map((file, index) => {
    const kind = kinds[index]
    return [kind, { name: `${file.checksum}-${kind}.xml.${suffixes[compression]}`, ...file }] as const
  })
  // one was made of each kind
  return Object.fromEntries(named) as Readonly<Record<MetadataKind, (typeof named)[number][1]>>
}
