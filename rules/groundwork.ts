import { Effect, Schema } from "effect"
import { DigestOf, need, type OutputOf, plan, readBlob, writeBlob } from "../graph/index.ts"
import { debugFolder } from "../src/koji/topdir.ts"
import { MetadataKind } from "./compress-group.ts"
import { type Compression, compressors, suffixes } from "./compression.ts"
import { SplitDebuginfo } from "./debug-layout.ts"
import { Directory, type DirectoryEntry } from "./directory.ts"
import { ListingFiles, Listings } from "./listings.ts"
import { metadataRope } from "./metadata-rope.ts"
import { RunOptions } from "./metadata-run.ts"
import { SetMetadata } from "./set-metadata.ts"
import { ChosenListDigest } from "./signed-lookup.ts"

/**
 * What of a repository's directory is known before its metadata is summed, which is almost all of it: its packages, their listings, and
 * the three files that list every package, under plain names. Whoever publishes watches it and begins with it.
 */
export const Groundwork = plan("groundwork", {
  version: 2,
  tools: compressors,
  needs: [SetMetadata, Listings],
  input: Schema.Struct({
    arch: Schema.String,
    /** All packages, those of debug information among them. */
    all: ChosenListDigest,
    /** Absolute, for `_pkgpath` in kojipkgs. */
    topdir: Schema.String,
    splitDebuginfo: SplitDebuginfo,
    /** Those that the repository itself lists, and how. */
    set: ChosenListDigest,
    rows: Schema.optionalWith(Schema.Literal(true), { exact: true }),
    ...RunOptions
  }),
  output: Schema.Struct({
    arch: Schema.String,
    ...ListingFiles,
    /** Absent where packages are broken: there will be no repository. */
    directory: Schema.optionalWith(DigestOf(Directory), { exact: true })
  }),
  label: ({ arch }) => arch,
  run: ({ all, arch, splitDebuginfo, topdir, ...metadata }) =>
    Effect.gen(function* () {
      const split = splitDebuginfo === undefined ? {} : { splitDebuginfo }
      const groups = yield* need(SetMetadata, metadata)
      const listings = yield* need(Listings, { set: all, topdir, ...split })
      const isBroken = groups.broken.length > 0
      return {
        arch,
        ...listings,
        ...(isBroken ? {} : { directory: yield* directoryOf(listings, groups, metadata.compression) })
      }
    })
})

const directoryOf = (
  { debugPackages, kojipkgs, packages, pkglist }: OutputOf<typeof Listings>,
  { packages: rpms, ...metadata }: OutputOf<typeof SetMetadata>,
  compression: Compression
) =>
  Effect.gen(function* () {
    const files = yield* Effect.forEach(MetadataKind.literals, (kind) =>
      Effect.map(
        metadataRope({ kind, rpms, compression, groups: metadata[kind].groups }),
        (content): DirectoryEntry => ({ name: `${kind}.xml.${suffixes[compression]}`, type: "rope", content })
      )
    )
    const isEmpty = (yield* readBlob(Directory, packages)).entries.length === 0
    const apart =
      debugPackages === undefined
        ? null
        : yield* writeBlob(Directory, { entries: [{ name: "Packages", type: "directory", content: debugPackages }] })
    return yield* writeBlob(Directory, {
      entries: [
        { name: "pkglist", type: "rope", content: pkglist },
        { name: "kojipkgs", type: "rope", content: kojipkgs },
        { name: "repodata", type: "directory", content: yield* writeBlob(Directory, { entries: files }) },
        ...(isEmpty ? [] : [{ name: "Packages", type: "directory" as const, content: packages }]),
        ...(apart === null ? [] : [{ name: debugFolder, type: "directory" as const, content: apart }])
      ]
    })
  })
