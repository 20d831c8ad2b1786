import { createHash } from "node:crypto"
import { Effect, Schema } from "effect"
import { action, Bytes, DigestOf, readBlob, sizeOf } from "../graph/index.ts"
import { checksumTypes, hashAlgorithm } from "../src/repodata/checksum-type.ts"
import { closing, opening } from "../src/repodata/documents.ts"
import { MetadataKind } from "./compress-group.ts"
import { Compression, compressors, decompress } from "./compression.ts"
import { giveBack } from "./give-back.ts"
import { metadataRope } from "./metadata-rope.ts"
import { FileFacts } from "./repository-file.ts"
import { Rope } from "./rope.ts"

/** primary.xml, filelists.xml or other.xml, compressed, and its sums. */
export const MetadataFile = action("metadata-file", {
  version: 2,
  tools: compressors,
  input: Schema.Struct({
    kind: MetadataKind,
    /** How many packages the groups list. */
    rpms: Schema.Int,
    groups: DigestOf(Rope),
    /** That of the groups' text, in bytes. */
    openSize: Schema.Int,
    compression: Compression,
    /** Costs a pass over the uncompressed text; clients and createrepo_c do without, validators may want it. */
    openChecksum: Schema.Boolean,
    /** Where absent sha256. */
    checksumType: Schema.optionalWith(Schema.Literal(...checksumTypes), { exact: true })
  }),
  output: Schema.Struct({ content: DigestOf(Rope), ...FileFacts }),
  label: ({ kind }) => kind,
  // reading and summing some hundred MB a second, or only as much of what is compressed
  cost: ({ openChecksum, openSize }) => openSize / (openChecksum ? 300_000 : 4_000_000),
  run: ({ checksumType = "sha256", compression, groups, kind, openChecksum, openSize, rpms }) =>
    Effect.gen(function* () {
      const content = yield* metadataRope({ kind, rpms, groups, compression })
      const parts = yield* readBlob(Rope, content)
      const algorithm = hashAlgorithm(checksumType)
      const sum = createHash(algorithm)
      const openSum = createHash(algorithm)
      for (const part of parts) {
        const bytes = yield* readBlob(Bytes, part)
        sum.update(bytes)
        if (openChecksum) {
          const open = decompress(compression, bytes)
          openSum.update(open)
          giveBack(open)
        }
      }
      return {
        content,
        checksum: sum.digest("hex"),
        size: parts.reduce((total, part) => total + sizeOf(part), 0),
        ...(openChecksum ? { openChecksum: openSum.digest("hex") } : {}),
        openSize: opening(kind, rpms).length + openSize + closing(kind).length
      }
    })
})
