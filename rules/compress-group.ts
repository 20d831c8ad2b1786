import { Effect, Schema } from "effect"
import { action, type BlobCodec, Bytes, DigestOf, giveBack, isDigest, readBlob, writeBlob } from "../graph/index.ts"
import { fillPrimary } from "../src/repodata/primary.ts"
import { Compression, compress, compressors } from "./compression.ts"
import { lines } from "./lines.ts"
import { namedDifferences } from "./named-differences.ts"
import { Fragments } from "./package-metadata.ts"

/** The three files that list every package. */
export const MetadataKind = Schema.Literal("primary", "filelists", "other")
export type MetadataKind = typeof MetadataKind.Type

/** The URL that packages are to be fetched from, where that is not the repository's own: `xml:base` of every location. */
export const LocationBase = Schema.optionalWith(Schema.String, { exact: true })

/** A package's line in a repository: its metadata and what the repository fills into it. */
export interface MetadataRow {
  readonly fragments: DigestOf<typeof Fragments extends BlobCodec<infer A> ? A : never>
  /** Relative to the repository, or to `base`. */
  readonly href: string
  /** The URL of the repository that has it, where that is another one. */
  readonly base?: string
  /** `time/@file`, in Unix seconds. */
  readonly timeFile: number
}

/** By the names of their files. */
export const packageDifferences = namedDifferences(({ href }: MetadataRow) => href.slice(href.lastIndexOf("/") + 1))

export const MetadataRows: BlobCodec<ReadonlyArray<MetadataRow>> = lines({
  name: "metadata-rows",
  differences: (before, after) => Effect.sync(() => packageDifferences(before, after)),
  lineOf: ({ base, fragments, href, timeFile }: MetadataRow) =>
    `${fragments}\t${timeFile}${base === undefined ? "" : ` ${encodeURIComponent(base)}`}\t${href}`,
  rowOf: (line) => {
    const [fragments, place = "", ...href] = line.split("\t")
    const [timeFile, base] = place.split(" ")
    if (!isDigest(fragments)) throw new TypeError(`not a metadata row: ${line}`)
    // only the encoder above writes rows, from digests of fragments
    return {
      fragments: fragments as MetadataRow["fragments"],
      timeFile: Number(timeFile),
      href: href.join("\t"),
      ...(base === undefined ? {} : { base: decodeURIComponent(base) })
    }
  },
  references: (rows) => rows.map(({ fragments }) => ({ digest: fragments, codec: Fragments }))
})

/** One compressed member or frame; `openSize` is that of its text, in bytes. */
export const Group = Schema.Struct({ group: DigestOf(Bytes), openSize: Schema.Int })
const optionalGroup = Schema.optionalWith(Group, { exact: true })

/** The packages of a run of chunks, as a group for each kind whose groups hold just this run: each package is read once for them. */
export const CompressGroup = action("compress-group", {
  version: 2,
  tools: compressors,
  input: Schema.Struct({
    kinds: Schema.Array(MetadataKind),
    chunks: Schema.Array(DigestOf(MetadataRows)),
    first: Schema.String,
    compression: Compression,
    base: LocationBase
  }),
  output: Schema.Struct({ primary: optionalGroup, filelists: optionalGroup, other: optionalGroup }),
  label: ({ first, kinds }) => `${kinds.join("+")} ${first}`,
  cost: ({ chunks }) => 8 * chunks.length,
  run: ({ base, chunks, compression, kinds }) =>
    Effect.gen(function* () {
      const texts: Readonly<Record<MetadataKind, Array<Uint8Array>>> = { primary: [], filelists: [], other: [] }
      for (const chunk of chunks) {
        for (const { base: own = base, fragments, href, timeFile } of yield* readBlob(MetadataRows, chunk)) {
          const { primary, ...lists } = yield* readBlob(Fragments, fragments)
          const place = { timeFile, href, ...(own === undefined ? {} : { base: own }) }
          for (const kind of kinds) {
            if (kind === "primary") texts.primary.push(...fillPrimary(primary, place))
            else texts[kind].push(lists[kind])
          }
        }
      }
      const groups: Partial<Record<MetadataKind, typeof Group.Type>> = {}
      for (const kind of kinds) {
        const open = Buffer.concat(texts[kind])
        const openSize = open.length
        const packed = compress(compression, open)
        giveBack(open)
        groups[kind] = { group: yield* writeBlob(Bytes, packed), openSize }
      }
      return groups
    })
})
