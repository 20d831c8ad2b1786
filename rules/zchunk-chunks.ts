import { Effect, Schema } from "effect"
import { action, Bytes, DigestOf, readBlob } from "../graph/index.ts"
import { fillPrimary, printedSourceRpm } from "../src/repodata/primary.ts"
import { LocationBase, type MetadataKind, MetadataRows } from "./compress-group.ts"
import { compressors } from "./compression.ts"
import { Fragments } from "./package-metadata.ts"
import { writeZchunkPart, ZchunkPart } from "./zchunk-part.ts"

const optionalDictionary = Schema.optionalWith(DigestOf(Bytes), { exact: true })

/** The dictionaries that chunks are compressed with, for each kind of file that has one. */
export const ZchunkDictionaries = Schema.Struct({
  primary: optionalDictionary,
  filelists: optionalDictionary,
  other: optionalDictionary
})

/**
 * The packages of one chunk of the list, as chunks of the three zchunk files: one for each run of packages with the same source, so
 * that clients fetch one for each package that was built anew. A source package has one of its own. Each package is read once for the
 * three. Source: createrepo_c cuts so, mergerepo_c before each source package too.
 */
export const ZchunkChunks = action("zchunk-chunks", {
  version: 1,
  tools: compressors,
  input: Schema.Struct({
    rows: DigestOf(MetadataRows),
    first: Schema.String,
    base: LocationBase,
    dictionaries: ZchunkDictionaries
  }),
  output: Schema.Struct({ primary: ZchunkPart, filelists: ZchunkPart, other: ZchunkPart }),
  label: ({ first }) => first,
  cost: () => 12,
  run: ({ base, dictionaries, rows }) =>
    Effect.gen(function* () {
      const runs: Array<Run> = []
      let source = ""
      for (const { base: own = base, fragments, href, timeFile } of yield* readBlob(MetadataRows, rows)) {
        const { primary, ...lists } = yield* readBlob(Fragments, fragments)
        const before = source
        source = printedSourceRpm(primary)
        if (source === "" || source !== before) runs.push({ primary: [], filelists: [], other: [] })
        const run = runs.at(-1)
        run?.primary.push(...fillPrimary(primary, { timeFile, href, ...(own === undefined ? {} : { base: own }) }))
        run?.filelists.push(lists.filelists)
        run?.other.push(lists.other)
      }
      const partOf = (kind: MetadataKind) =>
        Effect.gen(function* () {
          const digest = dictionaries[kind]
          const dictionary = digest === undefined ? undefined : yield* readBlob(Bytes, digest)
          const texts = runs.map((run) => Buffer.concat(run[kind]))
          return yield* writeZchunkPart(texts, dictionary)
        })
      return { primary: yield* partOf("primary"), filelists: yield* partOf("filelists"), other: yield* partOf("other") }
    })
})

/** The texts of a run of packages, for each file. */
type Run = Readonly<Record<MetadataKind, Array<Uint8Array>>>
