import { Effect, Schema } from "effect"
import { type BlobCodec, DigestOf, isDigest, needAll, plan, readBlob, writeBlob } from "../graph/index.ts"
import { packageHref } from "../src/koji/topdir.ts"
import { fileName, nvra } from "../src/rpm/nevra.ts"
import { chunkList, mapChunks } from "./chunk-list.ts"
import { lines } from "./lines.ts"
import { Fragments, PackageMetadata, TextWarning } from "./package-metadata.ts"
import { ChosenChunk } from "./rpm-row.ts"
import { ChosenList, ChosenListDigest } from "./signed-lookup.ts"

/** A package's line in a repository: its metadata and what the repository fills into it. */
export interface MetadataRow {
  readonly fragments: DigestOf<typeof Fragments extends BlobCodec<infer A> ? A : never>
  /** Relative to the repository. */
  readonly href: string
  /** `time/@file`, in Unix seconds. */
  readonly timeFile: number
}

export const MetadataRows: BlobCodec<ReadonlyArray<MetadataRow>> = lines({
  name: "metadata-rows",
  lineOf: ({ fragments, href, timeFile }: MetadataRow) => `${fragments}\t${timeFile}\t${href}`,
  rowOf: (line) => {
    const [fragments, timeFile, ...href] = line.split("\t")
    if (!isDigest(fragments)) throw new TypeError(`not a metadata row: ${line}`)
    // only the encoder above writes rows, from digests of fragments
    return { fragments: fragments as MetadataRow["fragments"], timeFile: Number(timeFile), href: href.join("\t") }
  },
  references: (rows) => rows.map(({ fragments }) => ({ digest: fragments, codec: Fragments }))
})

export const MetadataList = chunkList(MetadataRows)
export const MetadataListDigest = DigestOf(MetadataList)

/** A package that cannot be listed, in the words of its reader. */
const BrokenPackage = Schema.Struct({ nvra: Schema.String, reason: Schema.String })

/** Packages that a repository cannot list, all of one chunk. */
export class BrokenPackages extends Schema.TaggedError<BrokenPackages>()("BrokenPackages", {
  packages: Schema.Array(BrokenPackage)
}) {
  override get message(): string {
    return this.packages
      .map(({ nvra, reason }) => `${nvra} cannot be listed: ${reason}; untag its build or import it anew`)
      .join("\n")
  }
}

/** A warning about the text of one package. */
export const PackageWarning = Schema.Struct({ nvra: Schema.String, ...TextWarning.fields })

const ChunkMetadata = plan("chunk-metadata", {
  version: 1,
  needs: [PackageMetadata],
  input: Schema.Struct({ chunk: DigestOf(ChosenChunk), first: Schema.String, changelogLimit: Schema.Int }),
  output: Schema.Struct({ rows: DigestOf(MetadataRows), warnings: Schema.Array(PackageWarning) }),
  label: ({ first }) => first,
  run: ({ changelogLimit, chunk }) =>
    Effect.gen(function* () {
      const rpms = yield* readBlob(ChosenChunk, chunk)
      const metadata = yield* needAll(
        PackageMetadata,
        rpms.map((rpm) => ({
          package: nvra(rpm),
          file: rpm.file,
          sigmd5: rpm.payloadhash,
          signedWith: rpm.sigkey,
          changelogLimit
        }))
      )
      const rows: Array<MetadataRow> = []
      const broken: Array<typeof BrokenPackage.Type> = []
      const warnings: Array<typeof PackageWarning.Type> = []
      for (const [index, rpm] of rpms.entries()) {
        const read = metadata[index]
        if (read === undefined) continue
        if (read._tag === "Broken") broken.push({ nvra: nvra(rpm), reason: read.reason })
        else {
          rows.push({ fragments: read.fragments, href: packageHref(fileName(rpm)), timeFile: rpm.buildtime })
          warnings.push(...read.warnings.map((warning) => ({ nvra: nvra(rpm), ...warning })))
        }
      }
      if (broken.length > 0) return yield* new BrokenPackages({ packages: broken })
      return { rows: yield* writeBlob(MetadataRows, rows), warnings }
    })
})

/** The metadata of every rpm of a set, on the set's own cuts: what primary, filelists and other are made from. */
export const SetMetadata = plan("set-metadata", {
  version: 1,
  needs: [ChunkMetadata],
  input: Schema.Struct({ set: ChosenListDigest, changelogLimit: Schema.Int }),
  output: Schema.Struct({ metadata: MetadataListDigest, rpms: Schema.Int, warnings: Schema.Array(PackageWarning) }),
  label: () => "",
  run: ({ changelogLimit, set }) =>
    Effect.gen(function* () {
      const list = yield* readBlob(ChosenList, set)
      const chunks = yield* needAll(
        ChunkMetadata,
        list.map(({ chunk, first }) => ({ chunk, first, changelogLimit }))
      )
      const metadata = mapChunks(
        list,
        list.map(({ letters, rpms }, index) => {
          const chunk = chunks[index]
          return chunk === undefined ? null : { chunk: chunk.rows, rpms, letters }
        })
      )
      return {
        metadata: yield* writeBlob(MetadataList, metadata),
        rpms: list.reduce((sum, { rpms }) => sum + rpms, 0),
        warnings: chunks.flatMap(({ warnings }) => warnings)
      }
    })
})
