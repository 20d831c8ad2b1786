import { Effect, Schema } from "effect"
import { Bytes, DigestOf, need, needAll, plan } from "../graph/index.ts"
import { checksumTypes } from "../src/repodata/checksum-type.ts"
import { AdditionalFile } from "./additional-file.ts"
import { MetadataKind } from "./compress-group.ts"
import { Compression, suffixes } from "./compression.ts"
import { DirectoryChunk, DirectoryList, DirectoryListDigest } from "./directory-packages.ts"
import { FileFacts, MetadataFile } from "./metadata-file.ts"
import { metadataGroups } from "./metadata-groups.ts"
import { RunMetadata } from "./metadata-run.ts"
import { MetadataOptions } from "./repository.ts"
import { Rope } from "./rope.ts"

/** The metadata of a directory's packages. Nobody says with which keys they should be signed. */
const DirectoryMetadata = metadataGroups(
  { groups: "directory-groups", run: "directory-run" },
  DirectoryList,
  DirectoryChunk,
  ({ checksum, file, href, path, sigmd5, time }) => ({
    package: path,
    file,
    sigmd5,
    signedWith: null,
    ...(checksum === null ? {} : { checksum }),
    href,
    timeFile: time
  })
)

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

/** A file of `repodata/`. */
const RepositoryFile = Schema.Struct({
  type: Schema.String,
  /** Its file name, without a checksum before it. */
  name: Schema.String,
  content: DigestOf(Rope),
  ...FileFacts,
  openSize: Schema.optionalWith(Schema.Int, { exact: true })
})
export type RepositoryFile = typeof RepositoryFile.Type

/**
 * The repository of a plain directory: all files of its metadata but repomd.xml, which holds a date. Broken packages are left out and
 * named.
 */
export const Createrepo = plan("createrepo", {
  version: 1,
  needs: [DirectoryMetadata, MetadataFile, AdditionalFile],
  input: Schema.Struct({
    packages: DirectoryListDigest,
    ...MetadataOptions,
    /** Of the files; where absent sha256. */
    checksumType: Schema.optionalWith(Schema.Literal(...checksumTypes), { exact: true }),
    additional: Schema.Array(Additional)
  }),
  output: Schema.Struct({
    files: Schema.Array(RepositoryFile),
    /** How many packages the repository lists. */
    packages: Schema.Int,
    ...RunMetadata
  }),
  label: () => "",
  run: ({ additional, checksumType, openChecksum, packages: set, ...options }) =>
    Effect.gen(function* () {
      const { compression } = options
      const sums = checksumType === undefined ? {} : { checksumType }
      const { broken, packages, warnings, ...groups } = yield* need(DirectoryMetadata, { set, ...options })
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
      const files: ReadonlyArray<RepositoryFile> = [
        ...metadata.map((file, index) => {
          const kind = MetadataKind.literals[index] ?? "other"
          return { type: kind, name: `${kind}.xml.${suffixes[compression]}`, ...file }
        }),
        ...given.map((file, index) => {
          const { compression = null, name = "", type = "" } = additional[index] ?? {}
          return { type, name: compression === null ? name : `${name}.${suffixes[compression]}`, ...file }
        })
      ]
      return { files, packages, broken, warnings }
    })
})
