import { Effect, Schema } from "effect"
import { action, type BlobCodec, DigestOf, need, needAll, plan, readBlob, writeBlob } from "../graph/index.ts"
import { packageFacts } from "../src/repodata/package-facts.ts"
import type { PackageFacts } from "../src/rpm/dependency-closure.ts"
import { nvra } from "../src/rpm/nevra.ts"
import { lines } from "./lines.ts"
import { namedDifferences } from "./named-differences.ts"
import { Fragments, PackageMetadata } from "./package-metadata.ts"
import { ChosenChunk } from "./rpm-row.ts"
import { packageToRead } from "./set-metadata.ts"

const factsDifferences = namedDifferences((facts: PackageFacts) => nvra(facts))

/** What the packages of a chunk offer and want, in the order of the chunk; broken ones are left out. */
export const Facts: BlobCodec<ReadonlyArray<PackageFacts>> = lines({
  name: "package-facts",
  differences: (before, after) => Effect.sync(() => factsDifferences(before, after)),
  lineOf: (facts: PackageFacts) => JSON.stringify(facts),
  // only the encoder above writes these lines, from facts
  rowOf: (line) => JSON.parse(line) as PackageFacts
})

const ReadFacts = action("read-facts", {
  version: 1,
  input: Schema.Struct({ packages: Schema.Array(DigestOf(Fragments)), first: Schema.String }),
  output: DigestOf(Facts),
  label: ({ first }) => first,
  cost: ({ packages }) => 0.5 * packages.length,
  run: ({ packages }) =>
    Effect.gen(function* () {
      const facts = yield* Effect.forEach(packages, (fragments) =>
        Effect.map(readBlob(Fragments, fragments), ({ filelists, primary }) =>
          packageFacts(Buffer.concat(primary).toString(), Buffer.from(filelists).toString())
        )
      )
      return yield* writeBlob(Facts, facts)
    })
})

/** The facts of a chunk's packages, from what is read of them for their metadata anyway. */
export const ChunkFacts = plan("chunk-facts", {
  version: 1,
  needs: [PackageMetadata, ReadFacts],
  input: Schema.Struct({ chunk: DigestOf(ChosenChunk), first: Schema.String, changelogLimit: Schema.Int }),
  output: DigestOf(Facts),
  label: ({ first }) => first,
  run: ({ changelogLimit, chunk, first }) =>
    Effect.gen(function* () {
      const rpms = yield* readBlob(ChosenChunk, chunk)
      const read = yield* needAll(
        PackageMetadata,
        rpms.map((rpm) => ({ ...packageToRead(rpm), changelogLimit }))
      )
      const packages = read.flatMap((metadata) => (metadata._tag === "Good" ? [metadata.fragments] : []))
      return yield* need(ReadFacts, { packages, first })
    })
})
