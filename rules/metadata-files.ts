import { Effect, Schema } from "effect"
import { need, needAll, plan } from "../graph/index.ts"
import { checksumTypes } from "../src/repodata/checksum-type.ts"
import { AdditionalFile } from "./additional-file.ts"
import { AdditionalFiles, AdditionalOptions, isGiven } from "./additional-files.ts"
import { MetadataKind } from "./compress-group.ts"
import { Compression, suffixes } from "./compression.ts"
import { MetadataFile } from "./metadata-file.ts"
import { RepositoryGroups } from "./metadata-groups.ts"
import { RepositoryFiles } from "./repository-file.ts"

/** Which files a repository has, and how they are made. */
export const FileOptions = {
  compression: Compression,
  openChecksum: Schema.Boolean,
  /** Of the files; where absent sha256. */
  checksumType: Schema.optionalWith(Schema.Literal(...checksumTypes), { exact: true }),
  ...AdditionalOptions
}

/** All files of a repository's metadata but repomd.xml, which holds a date: what is made from its packages, and what was given. */
export const MetadataFiles = plan("metadata-files", {
  version: 2,
  needs: [MetadataFile, AdditionalFiles, AdditionalFile],
  input: Schema.Struct({ ...RepositoryGroups, ...FileOptions }),
  output: Schema.Struct({
    files: RepositoryFiles,
    /** What of the given files does not fit the repository, in words for people. */
    fileWarnings: Schema.Array(Schema.String)
  }),
  label: () => "",
  run: ({ checksumType, compression, openChecksum, packages, ...input }) =>
    Effect.gen(function* () {
      const { filelists, other, primary, ...options } = input
      const groups = { primary, filelists, other }
      const sums = checksumType === undefined ? {} : { checksumType }
      const metadata = yield* needAll(
        MetadataFile,
        MetadataKind.literals.map((kind) => {
          return { kind, rpms: packages, ...groups[kind], compression, openChecksum, ...sums }
        })
      )
      const additional = isGiven(options)
        ? yield* need(AdditionalFiles, { ...options, compression })
        : { files: [], warnings: [] }
      const given = yield* needAll(
        AdditionalFile,
        additional.files.map(({ name: _, ...file }) => ({ ...file, ...sums }))
      )
      const files = Object.fromEntries([
        ...metadata.map((file, index) => {
          const kind = MetadataKind.literals[index] ?? "other"
          return [kind, { name: `${kind}.xml.${suffixes[compression]}`, ...file }] as const
        }),
        ...given.map((file, index) => {
          const { compression = null, name = "", type = "" } = additional.files[index] ?? {}
          return [type, { name: compression === null ? name : `${name}.${suffixes[compression]}`, ...file }] as const
        })
      ])
      return { files, fileWarnings: additional.warnings }
    })
})
