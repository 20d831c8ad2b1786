import { createHash } from "node:crypto"
import { Effect, Schema } from "effect"
import { action, Bytes, DigestOf, readBlob, writeBlob } from "../graph/index.ts"
import { checksumTypes, hashAlgorithm } from "../src/repodata/checksum-type.ts"
import { Compression, compress, compressors } from "./compression.ts"
import { FileFacts } from "./repository-file.ts"
import { Rope } from "./rope.ts"

/** A file that is taken into the repository beside what is made from its packages. */
export const Additional = Schema.Struct({
  /** Its type in repomd.xml. */
  type: Schema.String,
  /** Its file name, without the suffix of a compression. */
  name: Schema.String,
  content: DigestOf(Bytes),
  /** null: as it is. */
  compression: Schema.NullOr(Compression)
})

/** A file of metadata that was given, such as comps, as a repository has it: compressed, or as it is. */
export const AdditionalFile = action("additional-file", {
  version: 1,
  tools: compressors,
  input: Schema.Struct({
    /** Its type in repomd.xml. */
    type: Schema.String,
    content: DigestOf(Bytes),
    compression: Schema.NullOr(Compression),
    /** Where absent sha256. */
    checksumType: Schema.optionalWith(Schema.Literal(...checksumTypes), { exact: true })
  }),
  output: Schema.Struct({ content: DigestOf(Rope), ...FileFacts }),
  label: ({ type }) => type,
  run: ({ checksumType = "sha256", compression, content }) =>
    Effect.gen(function* () {
      const sum = (bytes: Uint8Array) => createHash(hashAlgorithm(checksumType)).update(bytes).digest("hex")
      const open = yield* readBlob(Bytes, content)
      const stored = compression === null ? open : compress(compression, open)
      return {
        content: yield* writeBlob(Rope, [yield* writeBlob(Bytes, stored)]),
        checksum: sum(stored),
        size: stored.length,
        ...(compression === null ? {} : { openChecksum: sum(open), openSize: open.length })
      }
    })
})
