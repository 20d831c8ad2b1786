import { createHash } from "node:crypto"
import { Effect, Schema } from "effect"
import { action, Bytes, DigestOf, need, needAll, plan, readBlob, sizeOf, writeBlob } from "../graph/index.ts"
import { closing, opening } from "../src/repodata/documents.ts"
import { fillPrimary } from "../src/repodata/primary.ts"
import { runsOf, smallestLevel } from "./chunk-list.ts"
import { Compression, compress, compressors, decompress } from "./compression.ts"
import { Fragments } from "./package-metadata.ts"
import { Rope } from "./rope.ts"
import { MetadataList, MetadataListDigest, MetadataRows } from "./set-metadata.ts"

/** The three files that list every package. */
export const MetadataKind = Schema.Literal("primary", "filelists", "other")
export type MetadataKind = typeof MetadataKind.Type

/** A compressed file as a rope of members or frames, with what repomd.xml says of it. Checksums are sha256 in hex, sizes in bytes. */
const AssembledFile = Schema.Struct({
  content: DigestOf(Rope),
  checksum: Schema.String,
  size: Schema.Int,
  openChecksum: Schema.optionalWith(Schema.String, { exact: true }),
  openSize: Schema.Int
})

/** One compressed member or frame: the packages of a run of chunks. */
const CompressGroup = action("compress-group", {
  version: 1,
  tools: compressors,
  input: Schema.Struct({
    kind: MetadataKind,
    chunks: Schema.Array(DigestOf(MetadataRows)),
    first: Schema.String,
    compression: Compression
  }),
  output: Schema.Struct({ group: DigestOf(Bytes), openSize: Schema.Int }),
  label: ({ first, kind }) => `${kind} ${first}`,
  run: ({ chunks, compression, kind }) =>
    Effect.gen(function* () {
      const parts: Array<Uint8Array> = []
      for (const chunk of chunks) {
        for (const { fragments, href, timeFile } of yield* readBlob(MetadataRows, chunk)) {
          const { primary, ...lists } = yield* readBlob(Fragments, fragments)
          parts.push(kind === "primary" ? fillPrimary(primary, { timeFile, href }) : lists[kind])
        }
      }
      const open = Buffer.concat(parts)
      return { group: yield* writeBlob(Bytes, yield* compress(compression, open)), openSize: open.length }
    })
})

/** Puts the groups between the document's opening and closing, and sums the whole. */
const AssembleFile = action("assemble", {
  version: 1,
  tools: compressors,
  input: Schema.Struct({
    kind: MetadataKind,
    /** How many packages the groups list. */
    rpms: Schema.Int,
    groups: DigestOf(Rope),
    compression: Compression,
    /** Costs a pass over the uncompressed text; clients do without, createrepo_c --update and validators read it. */
    openChecksum: Schema.Boolean
  }),
  output: AssembledFile,
  label: ({ kind }) => kind,
  run: ({ compression, groups, kind, openChecksum, rpms }) =>
    Effect.gen(function* () {
      const ends = { opening: opening(kind, rpms), closing: closing(kind) }
      const content = [
        yield* writeBlob(Bytes, yield* compress(compression, ends.opening)),
        ...(yield* readBlob(Rope, groups)),
        yield* writeBlob(Bytes, yield* compress(compression, ends.closing))
      ]
      const sum = createHash("sha256")
      const openSum = createHash("sha256")
      let openSize = 0
      for (const part of content) {
        const bytes = yield* readBlob(Bytes, part)
        sum.update(bytes)
        const open = decompress(compression, bytes)
        if (openChecksum) openSum.update(open)
        openSize += open.length
      }
      return {
        content: yield* writeBlob(Rope, content),
        checksum: sum.digest("hex"),
        size: content.reduce((total, part) => total + sizeOf(part), 0),
        ...(openChecksum ? { openChecksum: openSum.digest("hex") } : {}),
        openSize
      }
    })
})

/** primary.xml, filelists.xml or other.xml: unchanged groups are taken as they are, compressed. */
export const MetadataFile = plan("metadata-file", {
  version: 1,
  needs: [CompressGroup, AssembleFile],
  input: Schema.Struct({
    kind: MetadataKind,
    metadata: MetadataListDigest,
    rpms: Schema.Int,
    compression: Compression,
    openChecksum: Schema.Boolean
  }),
  output: AssembledFile,
  label: ({ kind }) => kind,
  run: ({ metadata, ...file }) =>
    Effect.gen(function* () {
      const { compression, kind } = file
      const runs = runsOf(yield* readBlob(MetadataList, metadata), groupLevel[compression][kind])
      const groups = yield* needAll(
        CompressGroup,
        runs.map((run) => ({ kind, compression, first: run[0]?.first ?? "", chunks: run.map(({ chunk }) => chunk) }))
      )
      return yield* need(AssembleFile, {
        ...file,
        groups: yield* writeBlob(
          Rope,
          groups.map(({ group }) => group)
        )
      })
    })
})

/**
 * The cut that begins a group. gzip sees 32 KiB back, so one chunk (about 150 KiB of primary) costs it little; zstd wants 1–2 MiB of
 * primary and other (eight chunks on average) and is content with one chunk of filelists (about 600 KiB).
 */
const groupLevel: Readonly<Record<Compression, Readonly<Record<MetadataKind, number>>>> = {
  gz: { primary: smallestLevel, filelists: smallestLevel, other: smallestLevel },
  zstd: { primary: smallestLevel + 3, filelists: smallestLevel, other: smallestLevel + 3 }
}
