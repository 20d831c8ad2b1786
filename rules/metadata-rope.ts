import { Effect } from "effect"
import { Bytes, type DigestOf, readBlob, writeBlob } from "../graph/index.ts"
import { closing, opening } from "../src/repodata/documents.ts"
import type { MetadataKind } from "./compress-group.ts"
import { type Compression, compress } from "./compression.ts"
import { Rope } from "./rope.ts"

/** What primary.xml, filelists.xml or other.xml is made of. */
interface MetadataParts {
  readonly kind: MetadataKind
  /** How many packages the groups list. */
  readonly rpms: number
  readonly groups: DigestOf<ReadonlyArray<DigestOf<Uint8Array>>>
  readonly compression: Compression
}

/** The compressed file: the document's opening, the groups just as they are, and its closing. Made in no time, as the groups are there. */
export const metadataRope = ({ compression, groups, kind, rpms }: MetadataParts) =>
  Effect.gen(function* () {
    return yield* writeBlob(Rope, [
      yield* writeBlob(Bytes, compress(compression, opening(kind, rpms))),
      ...(yield* readBlob(Rope, groups)),
      yield* writeBlob(Bytes, compress(compression, closing(kind)))
    ])
  })
