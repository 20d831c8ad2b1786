import { Effect, Schema } from "effect"
import { type DigestOf as BlobOf, need, needAll, plan } from "../graph/index.ts"
import { checksumTypes } from "../src/repodata/checksum-type.ts"
import { Additional, AdditionalFile } from "./additional-file.ts"
import { LocationBase, MetadataKind } from "./compress-group.ts"
import { Compression, suffixes } from "./compression.ts"
import { Database } from "./database.ts"
import { MetadataFile } from "./metadata-file.ts"
import { RepositoryGroups } from "./metadata-groups.ts"
import { RepositoryFiles } from "./repository-file.ts"
import { Zchunk, ZchunkFiles } from "./zchunk-files.ts"

/** Which files a repository has, and how they are made. */
export const FileOptions = {
  compression: Compression,
  openChecksum: Schema.Boolean,
  /** Of the files; where absent sha256. */
  checksumType: Schema.optionalWith(Schema.Literal(...checksumTypes), { exact: true }),
  /** SQLite databases beside the XML. They are made from the packages themselves: {@link RepositoryGroups} must have their `rows`. */
  database: Schema.optionalWith(Schema.Literal(true), { exact: true }),
  additional: Schema.optionalWith(Schema.Array(Additional), { exact: true }),
  /** Each file as a zchunk file too. It, too, needs the `rows`. */
  zchunk: Schema.optionalWith(Zchunk, { exact: true })
}

/** The list of a repository's delta rpms, compressed as the rest is. */
export const prestodelta = (content: BlobOf<Uint8Array>, compression: Compression): typeof Additional.Type => ({
  type: "prestodelta",
  name: "prestodelta.xml",
  content,
  compression
})

/** Asks for the packages themselves, where a file is made from them. */
export const rowsFor = (options: { readonly database?: true; readonly zchunk?: unknown }): { readonly rows?: true } =>
  options.database === undefined && options.zchunk === undefined ? {} : { rows: true }

/** All files of a repository's metadata but repomd.xml, which holds a date: what is made from its packages, and what was given. */
export const MetadataFiles = plan("metadata-files", {
  version: 2,
  needs: [MetadataFile, Database, AdditionalFile, ZchunkFiles],
  input: Schema.Struct({ ...RepositoryGroups, base: LocationBase, ...FileOptions }),
  output: RepositoryFiles,
  label: () => "",
  run: ({
    additional = [],
    base,
    checksumType,
    compression,
    database,
    openChecksum,
    packages,
    rows,
    zchunk,
    ...groups
  }) =>
    Effect.gen(function* () {
      const sums = checksumType === undefined ? {} : { checksumType }
      const metadata = yield* needAll(
        MetadataFile,
        MetadataKind.literals.map((kind) => {
          return { kind, rpms: packages, ...groups[kind], compression, openChecksum, ...sums }
        })
      )
      const given = yield* needAll(
        AdditionalFile,
        additional.map(({ name: _, ...file }) => ({ ...file, ...sums }))
      )
      const [primary, filelists, other] = metadata.map(({ checksum }) => checksum)
      const databases: RepositoryFiles =
        database === undefined || rows === undefined
          ? {}
          : yield* need(Database, {
              rows,
              xmlChecksums: { primary: primary ?? "", filelists: filelists ?? "", other: other ?? "" },
              ...(base === undefined ? {} : { base }),
              compression,
              ...sums
            })
      const files: RepositoryFiles = Object.fromEntries([
        ...metadata.map((file, index) => {
          const kind = MetadataKind.literals[index] ?? "other"
          return [kind, { name: `${kind}.xml.${suffixes[compression]}`, ...file }] as const
        }),
        ...Object.entries(databases),
        ...given.map((file, index) => {
          const { compression = null, name = "", type = "" } = additional[index] ?? {}
          return [type, { name: compression === null ? name : `${name}.${suffixes[compression]}`, ...file }] as const
        })
      ])
      if (zchunk === undefined || rows === undefined) return files
      const openChecksums = Object.fromEntries(
        MetadataKind.literals.flatMap((kind) => {
          const sum = files[kind]?.openChecksum
          return sum === undefined ? [] : [[kind, sum] as const]
        })
      )
      const place = base === undefined ? {} : { base }
      const made = { rows, packages, openChecksums, additional }
      const chunked = yield* need(ZchunkFiles, { ...made, ...place, ...zchunk, ...sums })
      const all: RepositoryFiles = { ...files, ...chunked }
      return all
    })
})
