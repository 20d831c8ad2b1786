import { Effect, Schema } from "effect"
import { Bytes, DigestOf, needAll, plan, readBlob, writeBlob } from "../graph/index.ts"
import { checksumTypes } from "../src/repodata/checksum-type.ts"
import { Additional } from "./additional-file.ts"
import { AdditionalZchunk } from "./additional-zchunk.ts"
import { LocationBase, MetadataKind } from "./compress-group.ts"
import { RepositoryFiles } from "./repository-file.ts"
import { RowsList } from "./rows-list.ts"
import { ZchunkChunks } from "./zchunk-chunks.ts"
import { ZchunkFile } from "./zchunk-file.ts"
import { ZchunkParts } from "./zchunk-part.ts"

/** How zchunk files are made. */
export const Zchunk = Schema.Struct({
  /** What the chunks of a file are compressed with, by its name without a suffix (`primary.xml`); not every file has one. */
  dictionaries: Schema.Array(Schema.Struct({ file: Schema.String, content: DigestOf(Bytes) }))
})

const optionalText = Schema.optionalWith(Schema.String, { exact: true })

/** A repository's files as zchunk files: the three that list every package, and those that were given, each once. */
export const ZchunkFiles = plan("zchunk-files", {
  version: 1,
  needs: [ZchunkChunks, ZchunkFile, AdditionalZchunk],
  input: Schema.Struct({
    rows: DigestOf(RowsList),
    /** How many packages these are. */
    packages: Schema.Int,
    base: LocationBase,
    /** Those of the compressed files, whose texts are the same; absent where they were not summed. */
    openChecksums: Schema.Struct({ primary: optionalText, filelists: optionalText, other: optionalText }),
    additional: Schema.Array(Additional),
    ...Zchunk.fields,
    /** Where absent sha256. */
    checksumType: Schema.optionalWith(Schema.Literal(...checksumTypes), { exact: true })
  }),
  output: RepositoryFiles,
  label: () => "",
  run: ({ additional, base, checksumType, dictionaries, openChecksums, packages: rpms, rows }) =>
    Effect.gen(function* () {
      const sums = checksumType === undefined ? {} : { checksumType }
      const dictionaryOf = (name: string) => {
        const dictionary = dictionaries.find(({ file }) => file === name)?.content
        return dictionary === undefined ? {} : { dictionary }
      }
      const made = yield* needAll(
        ZchunkChunks,
        (yield* readBlob(RowsList, rows)).map((chunk) => ({
          ...chunk,
          ...(base === undefined ? {} : { base }),
          dictionaries: Object.fromEntries(
            MetadataKind.literals.flatMap((kind) => {
              const { dictionary } = dictionaryOf(`${kind}.xml`)
              return dictionary === undefined ? [] : [[kind, dictionary] as const]
            })
          )
        }))
      )
      const inputs = yield* Effect.forEach(MetadataKind.literals, (kind) => {
        const parts = made.map((chunk) => chunk[kind])
        return Effect.map(writeBlob(ZchunkParts, parts), (parts) => {
          return { kind, rpms, parts, ...dictionaryOf(`${kind}.xml`), ...sums }
        })
      })
      const files = yield* needAll(ZchunkFile, inputs)
      // what is there compressed and as it is has one zchunk file
      const once = additional.filter(({ name }, index) => additional.findIndex((file) => file.name === name) === index)
      const given = yield* needAll(
        AdditionalZchunk,
        once.map(({ content, name, type }) => ({ type: `${type}_zck`, content, ...dictionaryOf(name), ...sums }))
      )
      return Object.fromEntries([
        ...files.map((file, index) => {
          const kind = MetadataKind.literals[index] ?? "other"
          const openChecksum = openChecksums[kind]
          const open = openChecksum === undefined ? {} : { openChecksum }
          return [`${kind}_zck`, { name: `${kind}.xml.zck`, ...file, ...open }] as const
        }),
        ...given.map((file, index) => {
          const { name = "", type = "" } = once[index] ?? {}
          return [`${type}_zck`, { name: `${name}.zck`, ...file }] as const
        })
      ])
    })
})
