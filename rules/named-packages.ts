import { Effect, Schema } from "effect"
import { action, Digest, DigestOf, need, needAll, plan, readBlob, writeBlob } from "../graph/index.ts"
import { packageFacts } from "../src/repodata/package-facts.ts"
import { unsafeSegment } from "../src/rpm/nevra.ts"
import { DerivedChunk, mapChunks, writeDerivedChunk } from "./chunk-list.ts"
import { DirectoryChunk, DirectoryList, DirectoryListDigest, listedInDirectory } from "./directory-packages.ts"
import { BrokenPackage } from "./metadata-run.ts"
import { OlderChunk, OlderList, OlderListDigest, type OlderPackage } from "./older-packages.ts"
import { Fragments, PackageMetadata } from "./package-metadata.ts"

const Named = Schema.Struct({
  chunk: DerivedChunk(OlderChunk),
  /** Those that are broken, or whose names cannot be parts of a file's. */
  unnamed: Schema.Array(BrokenPackage)
})

const ReadNames = action("read-names", {
  version: 1,
  input: Schema.Struct({
    packages: Schema.Array(Schema.Struct({ path: Schema.String, file: Digest, fragments: DigestOf(Fragments) })),
    first: Schema.String
  }),
  output: Named,
  label: ({ first }) => first,
  cost: ({ packages }) => 0.1 * packages.length,
  run: ({ packages }) =>
    Effect.gen(function* () {
      const named: Array<OlderPackage> = []
      const unnamed: Array<typeof BrokenPackage.Type> = []
      for (const { file, fragments, path } of packages) {
        const { primary } = yield* readBlob(Fragments, fragments)
        const { arch, epoch, name, release, version } = packageFacts(Buffer.from(primary[0]).toString(), "")
        const unsafe = [name, version, release, arch].find((part) => unsafeSegment(part) !== null)
        if (unsafe === undefined) named.push({ name, epoch: Number(epoch), version, release, arch, file })
        else unnamed.push({ package: path, reason: `${JSON.stringify(unsafe)} ${unsafeSegment(unsafe)}` })
      }
      return { chunk: yield* writeDerivedChunk(OlderChunk, named), unnamed }
    })
})

const NamedChunk = plan("named-chunk", {
  version: 1,
  needs: [PackageMetadata, ReadNames],
  input: Schema.Struct({ chunk: DigestOf(DirectoryChunk), first: Schema.String, changelogLimit: Schema.Int }),
  output: Named,
  label: ({ first }) => first,
  run: ({ changelogLimit, chunk, first }) =>
    Effect.gen(function* () {
      const rows = yield* readBlob(DirectoryChunk, chunk)
      const read = yield* needAll(
        PackageMetadata,
        rows.map(listedInDirectory).map(({ href: _, timeFile: __, ...input }) => ({ ...input, changelogLimit }))
      )
      const broken: Array<typeof BrokenPackage.Type> = []
      const packages = rows.flatMap(({ file, path }, index) => {
        const metadata = read[index]
        if (metadata?._tag === "Good") return [{ path, file, fragments: metadata.fragments }]
        if (metadata !== undefined) broken.push({ package: path, reason: metadata.reason })
        return []
      })
      const named = yield* need(ReadNames, { packages, first })
      return { chunk: named.chunk, unnamed: [...broken, ...named.unnamed] }
    })
})

/**
 * The packages of a directory by what their headers call them. They are read as for its metadata, so that what was listed before, or is
 * listed later, is read once.
 */
export const NamedPackages = plan("named-packages", {
  version: 1,
  needs: [NamedChunk],
  input: Schema.Struct({ packages: DirectoryListDigest, changelogLimit: Schema.Int }),
  output: Schema.Struct({ packages: OlderListDigest, unnamed: Named.fields.unnamed }),
  label: () => "",
  run: ({ changelogLimit, packages }) =>
    Effect.gen(function* () {
      const chunks = yield* readBlob(DirectoryList, packages)
      const named = yield* needAll(
        NamedChunk,
        chunks.map(({ chunk, first }) => ({ chunk, first, changelogLimit }))
      )
      const derived = mapChunks(
        chunks,
        named.map(({ chunk }) => chunk)
      )
      return { packages: yield* writeBlob(OlderList, derived), unnamed: named.flatMap(({ unnamed }) => unnamed) }
    })
})
