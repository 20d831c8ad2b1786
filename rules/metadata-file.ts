import { createHash, type Hash } from "node:crypto"
import { Effect, Schema } from "effect"
import { action, type DigestOf as BlobOf, DigestOf, giveBack, lendBlob, readBlob, sizeOf } from "../graph/index.ts"
import { checksumTypes, hashAlgorithm } from "../src/repodata/checksum-type.ts"
import { closing, opening } from "../src/repodata/documents.ts"
import { MetadataKind } from "./compress-group.ts"
import { Compression, compressors, decompress } from "./compression.ts"
import { metadataRope } from "./metadata-rope.ts"
import { FileFacts } from "./repository-file.ts"
import { Rope } from "./rope.ts"
import { sideBySide } from "./side-by-side.ts"

const optional = { exact: true } as const

/** The groups of a file; `openSize` is that of their text, in bytes. */
const Unsummed = Schema.optionalWith(Schema.Struct({ groups: DigestOf(Rope), openSize: Schema.Int }), optional)
const Summed = Schema.optionalWith(Schema.Struct({ content: DigestOf(Rope), ...FileFacts }), optional)

/** Some of primary.xml, filelists.xml and other.xml, compressed, and their sums. They are read side by side. */
export const MetadataFile = action("metadata-file", {
  version: 3,
  tools: compressors,
  input: Schema.Struct({
    primary: Unsummed,
    filelists: Unsummed,
    other: Unsummed,
    /** How many packages the groups list. */
    rpms: Schema.Int,
    compression: Compression,
    /** Costs a pass over the uncompressed text; clients and createrepo_c do without, validators may want it. */
    openChecksum: Schema.Boolean,
    /** Where absent sha256. */
    checksumType: Schema.optionalWith(Schema.Literal(...checksumTypes), { exact: true })
  }),
  output: Schema.Struct({ primary: Summed, filelists: Summed, other: Summed }),
  label: (files) => MetadataKind.literals.filter((kind) => files[kind] !== undefined).join("+"),
  // reading and summing some hundred MB a second, or only as much of what is compressed
  cost: ({ filelists, openChecksum, other, primary }) =>
    [primary, filelists, other].reduce((sum, file) => sum + (file?.openSize ?? 0), 0) /
    (openChecksum ? 300_000 : 4_000_000),
  run: ({ checksumType = "sha256", compression, openChecksum, rpms, ...files }) =>
    Effect.gen(function* () {
      const newSum = () => createHash(hashAlgorithm(checksumType))
      const opened: Array<OpenedFile> = []
      for (const kind of MetadataKind.literals) {
        const file = files[kind]
        if (file === undefined) continue
        const content = yield* metadataRope({ kind, rpms, groups: file.groups, compression })
        const openSize = opening(kind, rpms).length + file.openSize + closing(kind).length
        const parts = yield* readBlob(Rope, content)
        opened.push({ kind, content, parts, openSize, sum: newSum(), openSum: newSum() })
      }
      for (const [index, part] of sideBySide(opened.map(({ parts }) => parts))) {
        yield* lendBlob(part, (bytes) => {
          opened[index]?.sum.update(bytes)
          if (!openChecksum) return
          const open = decompress(compression, bytes)
          opened[index]?.openSum.update(open)
          giveBack(open)
        })
      }
      return Object.fromEntries(
        opened.map(({ content, kind, openSize, openSum, parts, sum }) => {
          const size = parts.reduce((total, part) => total + sizeOf(part), 0)
          const open = openChecksum ? { openChecksum: openSum.digest("hex") } : {}
          return [kind, { content, checksum: sum.digest("hex"), size, ...open, openSize }]
        })
      )
    })
})

interface OpenedFile {
  readonly kind: MetadataKind
  readonly content: BlobOf<ReadonlyArray<BlobOf<Uint8Array>>>
  readonly parts: ReadonlyArray<BlobOf<Uint8Array>>
  readonly openSize: number
  readonly sum: Hash
  readonly openSum: Hash
}
