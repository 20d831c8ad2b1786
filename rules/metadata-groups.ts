import { Effect, Schema } from "effect"
import { action, Bytes, DigestOf, needAll, plan, readBlob, writeBlob } from "../graph/index.ts"
import { fillPrimary } from "../src/repodata/primary.ts"
import { runsOf, smallestLevel } from "./chunk-list.ts"
import { Compression, compress, compressors } from "./compression.ts"
import { Fragments } from "./package-metadata.ts"
import { Rope } from "./rope.ts"
import { MetadataList, MetadataListDigest, MetadataRows } from "./set-metadata.ts"

/** The three files that list every package. */
export const MetadataKind = Schema.Literal("primary", "filelists", "other")
export type MetadataKind = typeof MetadataKind.Type

/** One compressed member or frame; `openSize` is that of its text, in bytes. */
const Group = Schema.Struct({ group: DigestOf(Bytes), openSize: Schema.Int })
const optionalGroup = Schema.optionalWith(Group, { exact: true })

/** The packages of a run of chunks, as a group for each kind whose groups hold just this run: each package is read once for them. */
const CompressGroup = action("compress-group", {
  version: 1,
  tools: compressors,
  input: Schema.Struct({
    kinds: Schema.Array(MetadataKind),
    chunks: Schema.Array(DigestOf(MetadataRows)),
    first: Schema.String,
    compression: Compression
  }),
  output: Schema.Struct({ primary: optionalGroup, filelists: optionalGroup, other: optionalGroup }),
  label: ({ first, kinds }) => `${kinds.join("+")} ${first}`,
  run: ({ chunks, compression, kinds }) =>
    Effect.gen(function* () {
      const texts: Readonly<Record<MetadataKind, Array<Uint8Array>>> = { primary: [], filelists: [], other: [] }
      for (const chunk of chunks) {
        for (const { fragments, href, timeFile } of yield* readBlob(MetadataRows, chunk)) {
          const { primary, ...lists } = yield* readBlob(Fragments, fragments)
          for (const kind of kinds) {
            texts[kind].push(kind === "primary" ? fillPrimary(primary, { timeFile, href }) : lists[kind])
          }
        }
      }
      const groups: Partial<Record<MetadataKind, typeof Group.Type>> = {}
      for (const kind of kinds) {
        const open = Buffer.concat(texts[kind])
        groups[kind] = { group: yield* writeBlob(Bytes, yield* compress(compression, open)), openSize: open.length }
      }
      return groups
    })
})

/** All groups of one kind, in order; `openSize` is that of their text, in bytes. */
const Groups = Schema.Struct({ groups: DigestOf(Rope), openSize: Schema.Int })

/** The packages of a repository as compressed groups, from which its metadata files are put together. */
export const MetadataGroups = plan("metadata-groups", {
  version: 1,
  needs: [CompressGroup],
  input: Schema.Struct({ metadata: MetadataListDigest, compression: Compression }),
  output: Schema.Struct({ primary: Groups, filelists: Groups, other: Groups }),
  label: () => "",
  run: ({ compression, metadata }) =>
    Effect.gen(function* () {
      const list = yield* readBlob(MetadataList, metadata)
      const made = yield* needAll(
        CompressGroup,
        groupings[compression].flatMap(({ kinds, level }) =>
          runsOf(list, level).map((run) => {
            return { kinds, compression, first: run[0]?.first ?? "", chunks: run.map(({ chunk }) => chunk) }
          })
        )
      )
      const groupsOf = (kind: MetadataKind) => {
        const groups = made.flatMap((groups) => groups[kind] ?? [])
        return Effect.map(
          writeBlob(
            Rope,
            groups.map(({ group }) => group)
          ),
          (rope) => ({ groups: rope, openSize: groups.reduce((sum, { openSize }) => sum + openSize, 0) })
        )
      }
      return yield* Effect.all({
        primary: groupsOf("primary"),
        filelists: groupsOf("filelists"),
        other: groupsOf("other")
      })
    })
})

/**
 * Which kinds have their groups begin at which cuts. gzip sees 32 KiB back, so one chunk (about 150 KiB of primary) costs it little;
 * zstd wants 1–2 MiB of primary and other (eight chunks on average) and is content with one chunk of filelists (about 600 KiB).
 */
const groupings: Readonly<
  Record<Compression, ReadonlyArray<{ readonly kinds: ReadonlyArray<MetadataKind>; readonly level: number }>>
> = {
  gz: [{ kinds: ["primary", "filelists", "other"], level: smallestLevel }],
  zstd: [
    { kinds: ["primary", "other"], level: smallestLevel + 3 },
    { kinds: ["filelists"], level: smallestLevel }
  ]
}
