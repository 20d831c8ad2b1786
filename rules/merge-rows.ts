import { Effect, Schema } from "effect"
import { action, type BlobCodec, DigestOf, readBlob, writeBlob } from "../graph/index.ts"
import type { MergePackage } from "../src/koji/merge-repos.ts"
import { forEachElement } from "../src/repodata/fragment-elements.ts"
import { type MetadataRow, MetadataRows, packageDifferences } from "./compress-group.ts"
import { lines } from "./lines.ts"
import { Fragments } from "./package-metadata.ts"

/** A package of a repository that is to be merged: what decides over it, and its row. */
export interface MergeRow extends MergePackage, MetadataRow {}

/** Packages of one repository, in its order. */
export const MergeRows: BlobCodec<ReadonlyArray<MergeRow>> = lines({
  name: "merge-rows",
  differences: (before, after) => Effect.sync(() => packageDifferences(before, after)),
  lineOf: (row: MergeRow) => JSON.stringify(row),
  // only the encoder above writes these lines, from rows
  rowOf: (line) => JSON.parse(line) as MergeRow,
  references: (rows) => rows.map(({ fragments }) => ({ digest: fragments, codec: Fragments }))
})

/** What decides over the packages of one chunk of an internal repo's own. */
export const LocalRows = action("local-rows", {
  version: 1,
  input: Schema.Struct({ rows: DigestOf(MetadataRows), first: Schema.String }),
  output: DigestOf(MergeRows),
  label: ({ first }) => first,
  cost: () => 5,
  run: ({ rows }) =>
    Effect.gen(function* () {
      const merged = yield* Effect.forEach(yield* readBlob(MetadataRows, rows), (row) =>
        Effect.map(readBlob(Fragments, row.fragments), ({ primary }) => ({
          ...mergePackage(Buffer.concat(primary).toString()),
          ...row
        }))
      )
      return yield* writeBlob(MergeRows, merged)
    })
})

/** From what was printed for primary.xml, where name, arch and version come first. */
const mergePackage = (primary: string): MergePackage => {
  const facts = { name: "", epoch: "0", version: "", release: "", arch: "", sourceRpm: "" }
  forEachElement(primary, ({ attribute, closes, name, text }) => {
    if (closes) return
    if (name === "name") facts.name ||= text()
    if (name === "arch") facts.arch ||= text()
    if (name === "rpm:sourcerpm") facts.sourceRpm ||= text()
    if (name === "version") {
      facts.epoch = attribute("epoch") ?? "0"
      facts.version = attribute("ver") ?? ""
      facts.release = attribute("rel") ?? ""
    }
  })
  return facts
}
