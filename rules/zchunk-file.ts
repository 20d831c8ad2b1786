import { Effect, Schema } from "effect"
import { action, Bytes, DigestOf, readBlob } from "../graph/index.ts"
import { checksumTypes } from "../src/repodata/checksum-type.ts"
import { closing, opening } from "../src/repodata/documents.ts"
import { MetadataKind } from "./compress-group.ts"
import { compressors } from "./compression.ts"
import { Rope } from "./rope.ts"
import { assembleZchunk } from "./zchunk-assembly.ts"
import { writeZchunkPart, ZchunkParts } from "./zchunk-part.ts"

/** What repomd.xml says of a zchunk file, but for the sum of its text: checksums in hex, sizes in bytes. */
export const ZchunkFacts = {
  checksum: Schema.String,
  size: Schema.Int,
  openSize: Schema.Int,
  headerChecksum: Schema.String,
  headerSize: Schema.Int
}

/**
 * primary.xml, filelists.xml or other.xml as a zchunk file: a chunk for the document's opening, which holds the number of packages, the
 * packages' chunks just as they are, and one for its closing. Its text is that of the compressed file, whose sum need not be taken
 * again.
 */
export const ZchunkFile = action("zchunk-file", {
  version: 1,
  tools: compressors,
  input: Schema.Struct({
    kind: MetadataKind,
    /** How many packages the parts list. */
    rpms: Schema.Int,
    parts: DigestOf(ZchunkParts),
    dictionary: Schema.optionalWith(DigestOf(Bytes), { exact: true }),
    /** Where absent sha256. */
    checksumType: Schema.optionalWith(Schema.Literal(...checksumTypes), { exact: true })
  }),
  output: Schema.Struct({ content: DigestOf(Rope), ...ZchunkFacts }),
  label: ({ kind }) => kind,
  // four sums over a kilobyte or two of each package
  cost: ({ rpms }) => rpms / 100,
  run: ({ checksumType = "sha256", dictionary: digest, kind, parts, rpms }) =>
    Effect.gen(function* () {
      const dictionary = digest === undefined ? undefined : yield* readBlob(Bytes, digest)
      return yield* assembleZchunk({
        parts: [
          yield* writeZchunkPart([opening(kind, rpms)], dictionary),
          ...(yield* readBlob(ZchunkParts, parts)),
          yield* writeZchunkPart([closing(kind)], dictionary)
        ],
        dictionary,
        checksumType
      })
    })
})
