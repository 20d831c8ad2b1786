import { Effect, Schema } from "effect"
import { DigestOf, need, needAll, type OutputOf, plan } from "../graph/index.ts"
import { Compression } from "./compression.ts"
import { Directory } from "./directory.ts"
import { Listings } from "./listings.ts"
import { MetadataFile } from "./metadata-file.ts"
import { MetadataGroups, type MetadataKind } from "./metadata-groups.ts"
import { Repomd } from "./repomd.ts"
import { PackageWarning, SetMetadata } from "./set-metadata.ts"
import { ChosenListDigest } from "./signed-lookup.ts"
import { Stamp } from "./snapshot.ts"
import { Tree } from "./tree.ts"

/** How a repository's metadata is made. */
export const MetadataOptions = {
  compression: Compression,
  /** How many changelog entries of each package `other` lists. */
  changelogLimit: Schema.Int,
  openChecksum: Schema.Boolean
}

/** One repository, from its rpms to its directory. */
export const Repository = plan("repository", {
  version: 1,
  needs: [SetMetadata, MetadataGroups, MetadataFile, Repomd, Listings, Tree],
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
      const { metadata, rpms, warnings } = yield* need(SetMetadata, { set, changelogLimit })
      const groups = yield* need(MetadataGroups, { metadata, compression })
      const made = yield* needAll(
        MetadataFile,
        kinds.map((kind) => ({ kind, rpms, ...groups[kind], compression, openChecksum }))
      )
      const files = byKind(made, compression)
      const repomd = yield* need(Repomd, { ...files, stamp })
      const listings = yield* need(Listings, { set, topdir })
      const tree = yield* need(Tree, { set, repomd, ...listings, ...files })
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

const suffixes: Readonly<Record<Compression, string>> = { gz: "gz", zstd: "zst" }
