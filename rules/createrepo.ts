import { Effect, Schema } from "effect"
import { need, plan } from "../graph/index.ts"
import { DirectoryChunk, DirectoryList, DirectoryListDigest } from "./directory-packages.ts"
import { MetadataFiles, rowsFor } from "./metadata-files.ts"
import { metadataGroups } from "./metadata-groups.ts"
import { RunMetadata } from "./metadata-run.ts"
import { MetadataOptions } from "./repodata.ts"
import { RepositoryFiles } from "./repository-file.ts"

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

/**
 * The repository of a plain directory: all files of its metadata but repomd.xml, which holds a date. Broken packages are left out and
 * named.
 */
export const Createrepo = plan("createrepo", {
  version: 3,
  needs: [DirectoryMetadata, MetadataFiles],
  input: Schema.Struct({ packages: DirectoryListDigest, ...MetadataOptions }),
  output: Schema.Struct({
    files: RepositoryFiles,
    /** How many packages the repository lists. */
    packages: Schema.Int,
    /** What of the files that it was given does not fit it. */
    fileWarnings: Schema.Array(Schema.String),
    ...RunMetadata
  }),
  label: () => "",
  run: ({ packages: set, ...options }) =>
    Effect.gen(function* () {
      const { broken, warnings, ...groups } = yield* need(DirectoryMetadata, { set, ...options, ...rowsFor(options) })
      const { files, fileWarnings } = yield* need(MetadataFiles, { ...groups, ...options })
      return { files, packages: groups.packages, fileWarnings, broken, warnings }
    })
})
