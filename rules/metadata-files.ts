import { Effect, Schema } from "effect"
import { type DigestOf as BlobOf, Bytes, DigestOf, need, needAll, plan } from "../graph/index.ts"
import { checksumTypes } from "../src/repodata/checksum-type.ts"
import { AdditionalFile } from "./additional-file.ts"
import { LocationBase, MetadataKind } from "./compress-group.ts"
import { Compression, suffixes } from "./compression.ts"
import { Database } from "./database.ts"
import { MetadataFile } from "./metadata-file.ts"
import { RepositoryGroups } from "./metadata-groups.ts"
import { RepositoryFiles } from "./repository-file.ts"

/** A file that is taken into the repository beside what is made from its packages. */
const Additional = Schema.Struct({
  /** Its type in repomd.xml. */
  type: Schema.String,
  /** Its file name, without the suffix of a compression. */
  name: Schema.String,
  content: DigestOf(Bytes),
  /** null: as it is. */
  compression: Schema.NullOr(Compression)
})

/** Which files a repository has, and how they are made. */
export const FileOptions = {
  compression: Compression,
  openChecksum: Schema.Boolean,
  /** Of the files; where absent sha256. */
  checksumType: Schema.optionalWith(Schema.Literal(...checksumTypes), { exact: true }),
  /** SQLite databases beside the XML. They are made from the packages themselves: {@link RepositoryGroups} must have their `rows`. */
  database: Schema.optionalWith(Schema.Literal(true), { exact: true }),
  additional: Schema.optionalWith(Schema.Array(Additional), { exact: true })
}

/** The list of a repository's delta rpms, compressed as the rest is. */
export const prestodelta = (content: BlobOf<Uint8Array>, compression: Compression): typeof Additional.Type => ({
  type: "prestodelta",
  name: "prestodelta.xml",
  content,
  compression
})

/** Asks for the packages themselves, where a file is made from them. */
export const rowsFor = ({ database }: { readonly database?: true }): { readonly rows?: true } =>
  database === undefined ? {} : { rows: true }

/** All files of a repository's metadata but repomd.xml, which holds a date: what is made from its packages, and what was given. */
export const MetadataFiles = plan("metadata-files", {
  version: 1,
  needs: [MetadataFile, Database, AdditionalFile],
  input: Schema.Struct({ ...RepositoryGroups, base: LocationBase, ...FileOptions }),
  output: RepositoryFiles,
  label: () => "",
  run: ({ additional = [], base, checksumType, compression, database, openChecksum, packages, rows, ...groups }) =>
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
      return Object.fromEntries([
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
    })
})
