import { Effect, Schema } from "effect"
import { type BlobCodec, DigestOf, needAll, plan, readBlob, writeBlob } from "../graph/index.ts"
import { smallestLevel } from "./chunk-list.ts"
import {
  CompressGroup,
  Group,
  LocationBase,
  type MetadataKind,
  type MetadataRow,
  MetadataRows
} from "./compress-group.ts"
import { Compression } from "./compression.ts"
import { PackageMetadata, type PackageToRead, TextWarning } from "./package-metadata.ts"
import { ChunkRows } from "./rows-list.ts"

/** A package as a repository lists it, whatever the list that it stands in. */
export interface ListedPackage extends Omit<MetadataRow, "fragments">, Omit<PackageToRead, "changelogLimit"> {}

/** A package that cannot be listed, in the words of its reader. */
export const BrokenPackage = Schema.Struct({ package: Schema.String, reason: Schema.String })

/** A warning about the text of one package. */
export const PackageWarning = Schema.Struct({ package: Schema.String, ...TextWarning.fields })

/** How a repository's metadata is made. */
export const RunOptions = {
  compression: Compression,
  /** How many changelog entries of each package `other` lists. */
  changelogLimit: Schema.Int,
  base: LocationBase,
  /** Put before the place of each package: the way to where they lie. */
  prefix: Schema.optionalWith(Schema.String, { exact: true })
}

/** What became of the packages of a run. Broken ones are left out of the groups. */
export const RunMetadata = {
  broken: Schema.Array(BrokenPackage),
  warnings: Schema.Array(PackageWarning)
}

/**
 * The rule for a run of chunks, up to the groups made of them: a run is as long as the longest group. Its groups are asked for
 * as soon as its packages are read, and so are compressed while what was read is at hand.
 */
export const metadataRun = <const Name extends string, Row>(
  name: Name,
  chunk: BlobCodec<ReadonlyArray<Row>>,
  listed: (row: Row) => ListedPackage
) =>
  plan(name, {
    version: 3,
    needs: [PackageMetadata, CompressGroup],
    input: Schema.Struct({
      chunks: Schema.Array(Schema.Struct({ chunk: DigestOf(chunk), first: Schema.String })),
      ...RunOptions
    }),
    output: Schema.Struct({
      groups: Schema.Struct({ primary: groups, filelists: groups, other: groups }),
      /** What the groups list, chunk by chunk. */
      rows: Schema.Array(ChunkRows),
      ...RunMetadata
    }),
    label: ({ chunks }) => chunks[0]?.first ?? "",
    run: ({ changelogLimit, chunks, compression, prefix = "", ...location }) =>
      Effect.gen(function* () {
        const packages = yield* Effect.forEach(chunks, (ref) =>
          Effect.map(readBlob(chunk, ref.chunk), (rows) => rows.map(listed))
        )
        const metadata = yield* needAll(
          PackageMetadata,
          packages.flat().map(({ href: _, timeFile: __, ...input }) => ({ ...input, changelogLimit }))
        )
        const broken: Array<typeof BrokenPackage.Type> = []
        const warnings: Array<typeof PackageWarning.Type> = []
        const read = metadata.values()
        const rows = packages.map((inChunk) =>
          inChunk.flatMap(({ href, package: nvra, timeFile }): ReadonlyArray<MetadataRow> => {
            const { value } = read.next()
            if (value === undefined) return []
            if (value._tag === "Broken") {
              broken.push({ package: nvra, reason: value.reason })
              return []
            }
            warnings.push(...value.warnings.map((warning) => ({ package: nvra, ...warning })))
            return [{ fragments: value.fragments, href: `${prefix}${href}`, timeFile }]
          })
        )
        const refs = yield* Effect.forEach(rows, (inChunk, index) =>
          Effect.map(writeBlob(MetadataRows, inChunk), (written) => ({
            rows: written,
            packages: inChunk.length,
            first: chunks[index]?.first ?? ""
          }))
        )
        const kept = refs.filter((ref) => ref.packages > 0)
        return {
          groups: yield* compressRun(kept, { compression, ...location }),
          rows: kept.map(({ first, rows }) => ({ rows, first })),
          broken,
          warnings
        }
      })
  })

const groups = Schema.Array(Group)

/** The groups of a run of chunks, none of which is empty. */
export const compressRun = (
  run: ReadonlyArray<typeof ChunkRows.Type>,
  { compression, ...location }: { readonly compression: Compression; readonly base?: string }
) =>
  Effect.gen(function* () {
    const { byChunk, byRun } = groupings[compression]
    const made = yield* needAll(
      CompressGroup,
      [
        ...(run.length === 0 ? [] : [{ kinds: byRun, of: run }]),
        ...(byChunk.length === 0 ? [] : run.map((ref) => ({ kinds: byChunk, of: [ref] })))
      ].map(({ kinds, of }) => {
        return { kinds, compression, first: of[0]?.first ?? "", chunks: of.map((ref) => ref.rows), ...location }
      })
    )
    const groupsOf = (kind: MetadataKind) => made.flatMap((group) => group[kind] ?? [])
    return { primary: groupsOf("primary"), filelists: groupsOf("filelists"), other: groupsOf("other") }
  })

/** The cuts at which a run begins. */
export const runLevel = (compression: Compression): number => groupings[compression].level

/**
 * Which kinds have a group for each run and which one for each chunk. gzip sees 32 KiB back, so a run of one chunk (about 150 KiB of
 * primary) costs it little; zstd wants 1–2 MiB of primary and other (eight chunks on average) and is content with one chunk of
 * filelists (about 600 KiB).
 */
const groupings: Readonly<
  Record<
    Compression,
    {
      readonly level: number
      readonly byRun: ReadonlyArray<MetadataKind>
      readonly byChunk: ReadonlyArray<MetadataKind>
    }
  >
> = {
  gz: { level: smallestLevel, byRun: ["primary", "filelists", "other"], byChunk: [] },
  zstd: { level: smallestLevel + 3, byRun: ["primary", "other"], byChunk: ["filelists"] }
}
