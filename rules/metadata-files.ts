import { Effect, Schema } from "effect"
import { type DigestOf as BlobOf, need, needAll, plan } from "../graph/index.ts"
import { checksumTypes } from "../src/repodata/checksum-type.ts"
import { type Additional, AdditionalFile } from "./additional-file.ts"
import { AdditionalFiles, AdditionalOptions, isGiven, needsPackages } from "./additional-files.ts"
import { LocationBase, MetadataKind } from "./compress-group.ts"
import { Compression, suffixes } from "./compression.ts"
import { Database } from "./database.ts"
import { MetadataFile } from "./metadata-file.ts"
import { RepositoryGroups } from "./metadata-groups.ts"
import { type RepositoryFile, RepositoryFiles } from "./repository-file.ts"
import { Zchunk, ZchunkFiles } from "./zchunk-files.ts"

/** Which files a repository has, and how they are made. */
export const FileOptions = {
  compression: Compression,
  openChecksum: Schema.Boolean,
  /** Of the files; where absent sha256. */
  checksumType: Schema.optionalWith(Schema.Literal(...checksumTypes), { exact: true }),
  /** SQLite databases beside the XML. They are made from the packages themselves: {@link RepositoryGroups} must have their `rows`. */
  database: Schema.optionalWith(Schema.Literal(true), { exact: true }),
  /** Each file as a zchunk file too. It, too, needs the `rows`. */
  zchunk: Schema.optionalWith(Zchunk, { exact: true }),
  ...AdditionalOptions
}

/** The list of a repository's delta rpms, compressed as the rest is. */
export const prestodelta = (content: BlobOf<Uint8Array>, compression: Compression): typeof Additional.Type => ({
  type: "prestodelta",
  name: "prestodelta.xml",
  content,
  compression
})

/** Asks for the packages themselves, where a file is made from them. */
export const rowsFor = (options: Pick<typeof Options.Type, keyof typeof AdditionalOptions | "database" | "zchunk">) =>
  options.database === undefined && options.zchunk === undefined && !needsPackages(options)
    ? {}
    : { rows: true as const }

const Options = Schema.Struct(FileOptions)

/**
 * Files that are summed by one action: all three, as reading them from the store is most of it, unless their texts are summed as well:
 * then filelists, which are as long as both others, by another, so that another thread can do it.
 */
const summedTogether = (openChecksum: boolean): ReadonlyArray<ReadonlyArray<MetadataKind>> =>
  openChecksum ? [["filelists"], ["primary", "other"]] : [["primary", "filelists", "other"]]

/** All files of a repository's metadata but repomd.xml, which holds a date: what is made from its packages, and what was given. */
export const MetadataFiles = plan("metadata-files", {
  version: 2,
  needs: [MetadataFile, Database, AdditionalFiles, AdditionalFile, ZchunkFiles],
  input: Schema.Struct({ ...RepositoryGroups, base: LocationBase, ...FileOptions }),
  output: Schema.Struct({
    files: RepositoryFiles,
    /** What of the given files does not fit the repository, in words for people. */
    fileWarnings: Schema.Array(Schema.String)
  }),
  label: () => "",
  run: ({ base, checksumType, compression, database, openChecksum, packages, zchunk, ...input }) =>
    Effect.gen(function* () {
      const { filelists, other, primary, ...options } = input
      const { rows } = options
      const groups = { primary, filelists, other }
      const sums = checksumType === undefined ? {} : { checksumType }
      const summed = yield* needAll(
        MetadataFile,
        summedTogether(openChecksum).map((kinds) => {
          const some = Object.fromEntries(kinds.map((kind) => [kind, groups[kind]]))
          return { ...some, rpms: packages, compression, openChecksum, ...sums }
        })
      )
      const fileOf = (kind: MetadataKind) => {
        const [file] = summed.flatMap((files) => files[kind] ?? [])
        return file === undefined
          ? Effect.dieMessage(`${kind} was not summed`)
          : Effect.succeed({ name: `${kind}.xml.${suffixes[compression]}`, ...file })
      }
      const metadata: Readonly<Record<MetadataKind, RepositoryFile>> = yield* Effect.all({
        primary: fileOf("primary"),
        filelists: fileOf("filelists"),
        other: fileOf("other")
      })
      const additional = isGiven(options)
        ? yield* need(AdditionalFiles, { ...options, compression })
        : { files: [], warnings: [] }
      const given = yield* needAll(
        AdditionalFile,
        additional.files.map(({ name: _, ...file }) => ({ ...file, ...sums }))
      )
      const databases: RepositoryFiles =
        database === undefined || rows === undefined
          ? {}
          : yield* need(Database, {
              rows,
              xmlChecksums: {
                primary: metadata.primary.checksum,
                filelists: metadata.filelists.checksum,
                other: metadata.other.checksum
              },
              ...(base === undefined ? {} : { base }),
              compression,
              ...sums
            })
      const files: RepositoryFiles = Object.fromEntries([
        ...Object.entries(metadata),
        ...Object.entries(databases),
        ...given.map((file, index) => {
          const { compression = null, name = "", type = "" } = additional.files[index] ?? {}
          return [type, { name: compression === null ? name : `${name}.${suffixes[compression]}`, ...file }] as const
        })
      ])
      if (zchunk === undefined || rows === undefined) return { files, fileWarnings: additional.warnings }
      const openChecksums = Object.fromEntries(
        MetadataKind.literals.flatMap((kind) => {
          const sum = metadata[kind].openChecksum
          return sum === undefined ? [] : [[kind, sum] as const]
        })
      )
      const place = base === undefined ? {} : { base }
      const made = { rows, packages, openChecksums, additional: additional.files }
      const chunked = yield* need(ZchunkFiles, { ...made, ...place, ...zchunk, ...sums })
      const all: RepositoryFiles = { ...files, ...chunked }
      return { files: all, fileWarnings: additional.warnings }
    })
})
