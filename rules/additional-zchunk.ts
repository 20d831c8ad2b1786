import { createHash } from "node:crypto"
import { Effect, Schema } from "effect"
import { action, Bytes, DigestOf, readBlob } from "../graph/index.ts"
import { checksumTypes, hashAlgorithm } from "../src/repodata/checksum-type.ts"
import { contentPieces } from "../src/repodata/content-pieces.ts"
import { compressors } from "./compression.ts"
import { Rope } from "./rope.ts"
import { assembleZchunk } from "./zchunk-assembly.ts"
import { ZchunkFacts } from "./zchunk-file.ts"
import { writeZchunkPart } from "./zchunk-part.ts"

/** A file of metadata that was given, such as comps, as a zchunk file, cut where its content says so. */
export const AdditionalZchunk = action("additional-zchunk", {
  version: 1,
  tools: compressors,
  input: Schema.Struct({
    /** Its type in repomd.xml. */
    type: Schema.String,
    content: DigestOf(Bytes),
    dictionary: Schema.optionalWith(DigestOf(Bytes), { exact: true }),
    /** Where absent sha256. */
    checksumType: Schema.optionalWith(Schema.Literal(...checksumTypes), { exact: true })
  }),
  output: Schema.Struct({ content: DigestOf(Rope), ...ZchunkFacts, openChecksum: Schema.String }),
  label: ({ type }) => type,
  run: ({ checksumType = "sha256", content, dictionary: digest }) =>
    Effect.gen(function* () {
      const dictionary = digest === undefined ? undefined : yield* readBlob(Bytes, digest)
      const open = yield* readBlob(Bytes, content)
      const parts = [yield* writeZchunkPart(contentPieces(open), dictionary)]
      return {
        ...(yield* assembleZchunk({ parts, dictionary, checksumType })),
        openChecksum: createHash(hashAlgorithm(checksumType)).update(open).digest("hex")
      }
    })
})
