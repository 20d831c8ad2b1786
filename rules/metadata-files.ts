import { Effect, Schema } from "effect"
import { Bytes, DigestOf, needAll, plan } from "../graph/index.ts"
import { checksumTypes } from "../src/repodata/checksum-type.ts"
import { AdditionalFile } from "./additional-file.ts"
import { MetadataKind } from "./compress-group.ts"
import { Compression, suffixes } from "./compression.ts"
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
  additional: Schema.optionalWith(Schema.Array(Additional), { exact: true })
}

/** All files of a repository's metadata but repomd.xml, which holds a date: what is made from its packages, and what was given. */
export const MetadataFiles = plan("metadata-files", {
  version: 1,
  needs: [MetadataFile, AdditionalFile],
  input: Schema.Struct({ ...RepositoryGroups, ...FileOptions }),
  output: RepositoryFiles,
  label: () => "",
  run: ({ additional = [], checksumType, compression, openChecksum, packages, ...groups }) =>
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
      return Object.fromEntries([
        ...metadata.map((file, index) => {
          const kind = MetadataKind.literals[index] ?? "other"
          return [kind, { name: `${kind}.xml.${suffixes[compression]}`, ...file }] as const
        }),
        ...given.map((file, index) => {
          const { compression = null, name = "", type = "" } = additional[index] ?? {}
          return [type, { name: compression === null ? name : `${name}.${suffixes[compression]}`, ...file }] as const
        })
      ])
    })
})
