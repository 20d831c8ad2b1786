import { Effect, Schema } from "effect"
import { DigestOf, need, needAll, plan } from "../graph/index.ts"
import { Compression } from "./compression.ts"
import { Directory } from "./directory.ts"
import { Listings } from "./listings.ts"
import { MetadataFile, type MetadataKind } from "./metadata-file.ts"
import { Repomd } from "./repomd.ts"
import { PackageWarning, SetMetadata } from "./set-metadata.ts"
import { ChosenListDigest } from "./signed-lookup.ts"
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
  needs: [SetMetadata, MetadataFile, Repomd, Listings, Tree],
  input: Schema.Struct({
    arch: Schema.String,
    set: ChosenListDigest,
    topdir: Schema.String,
    /** Of the content's newest event, in Unix seconds. */
    time: Schema.Int,
    ...MetadataOptions
  }),
  output: Schema.Struct({ tree: DigestOf(Directory), rpms: Schema.Int, warnings: Schema.Array(PackageWarning) }),
  label: ({ arch }) => arch,
  run: ({ changelogLimit, compression, openChecksum, set, time, topdir }) =>
    Effect.gen(function* () {
      const { metadata, rpms, warnings } = yield* need(SetMetadata, { set, changelogLimit })
      const files = yield* needAll(
        MetadataFile,
        kinds.map((kind) => ({ kind, metadata, rpms, compression, openChecksum }))
      )
      const named = files.map(({ content, ...file }, index) => {
        const kind = kinds[index] ?? "primary"
        return { type: kind, name: `${file.checksum}-${kind}.xml.${suffixes[compression]}`, content, ...file }
      })
      const repomd = yield* need(Repomd, { records: named.map(({ content: _, ...record }) => record), time })
      const listings = yield* need(Listings, { set, topdir })
      const tree = yield* need(Tree, {
        set,
        repomd,
        ...listings,
        metadata: named.map(({ content, name }) => ({ name, content }))
      })
      return { tree, rpms, warnings }
    })
})

const kinds: ReadonlyArray<MetadataKind> = ["primary", "filelists", "other"]

const suffixes: Readonly<Record<Compression, string>> = { gz: "gz", zstd: "zst" }
