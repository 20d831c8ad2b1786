import { Effect, Schema } from "effect"
import { type BlobCodec, DigestOf, needAll, plan, readBlob, writeBlob } from "../graph/index.ts"
import { type ChunkList, runsOf } from "./chunk-list.ts"
import type { Group, MetadataKind } from "./compress-group.ts"
import { type ListedPackage, metadataRun, RunMetadata, RunOptions, runLevel } from "./metadata-run.ts"
import { Rope } from "./rope.ts"
import { RowsList } from "./rows-list.ts"

/** All groups of one kind, in order; `openSize` is that of their text, in bytes. */
const Groups = Schema.Struct({ groups: DigestOf(Rope), openSize: Schema.Int })

/** The groups of a repository's packages. */
export const RepositoryGroups = {
  primary: Groups,
  filelists: Groups,
  other: Groups,
  /** How many packages the groups list. */
  packages: Schema.Int,
  /** These packages, where they were asked for. */
  rows: Schema.optionalWith(DigestOf(RowsList), { exact: true })
}

/**
 * The rule that makes the groups of a whole list of packages, run by run, from which its metadata files are put together. `list` is
 * a list of `chunk`s; `listed` says how a repository lists one of their rows.
 */
export const metadataGroups = <const Name extends string, const RunName extends string, Row>(
  { groups, run }: { readonly groups: Name; readonly run: RunName },
  list: BlobCodec<ChunkList<ReadonlyArray<Row>>>,
  chunk: BlobCodec<ReadonlyArray<Row>>,
  listed: (row: Row) => ListedPackage
) => {
  const Run = metadataRun(run, chunk, listed)
  return plan(groups, {
    version: 3,
    needs: [Run],
    input: Schema.Struct({
      set: DigestOf(list),
      /** Whether the packages themselves are wanted. */
      rows: Schema.optionalWith(Schema.Literal(true), { exact: true }),
      ...RunOptions
    }),
    output: Schema.Struct({ ...RepositoryGroups, ...RunMetadata }),
    label: () => "",
    run: ({ rows, set, ...options }) =>
      Effect.gen(function* () {
        const chunks = yield* readBlob(list, set)
        const runs = yield* needAll(
          Run,
          runsOf(chunks, runLevel(options.compression)).map((refs) => {
            return { chunks: refs.map((ref) => ({ chunk: ref.chunk, first: ref.first })), ...options }
          })
        )
        const broken = runs.flatMap((run) => run.broken)
        return {
          ...(yield* joinRuns(runs.map(({ groups }) => groups))),
          packages: chunks.reduce((sum, { rpms }) => sum + rpms, 0) - broken.length,
          ...(rows === undefined
            ? {}
            : {
                rows: yield* writeBlob(
                  RowsList,
                  runs.flatMap((run) => run.rows)
                )
              }),
          broken,
          warnings: runs.flatMap((run) => run.warnings)
        }
      })
  })
}

/** The groups of all runs, one behind the other. */
export const joinRuns = (runs: ReadonlyArray<Readonly<Record<MetadataKind, ReadonlyArray<typeof Group.Type>>>>) => {
  const groupsOf = (kind: MetadataKind) => {
    const made = runs.flatMap((run) => run[kind])
    return Effect.map(
      writeBlob(
        Rope,
        made.map(({ group }) => group)
      ),
      (rope) => ({ groups: rope, openSize: made.reduce((sum, { openSize }) => sum + openSize, 0) })
    )
  }
  return Effect.all({ primary: groupsOf("primary"), filelists: groupsOf("filelists"), other: groupsOf("other") })
}
