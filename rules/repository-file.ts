import { Schema } from "effect"
import { DigestOf } from "../graph/index.ts"
import type { ChecksumType } from "../src/repodata/checksum-type.ts"
import type { RepomdRecord } from "../src/repodata/repomd.ts"
import { Rope } from "./rope.ts"

/** What repomd.xml says of a file: checksums in hex, sizes in bytes. Those of its uncompressed content only where it is compressed. */
export const FileFacts = {
  checksum: Schema.String,
  size: Schema.Int,
  openChecksum: Schema.optionalWith(Schema.String, { exact: true }),
  openSize: Schema.optionalWith(Schema.Int, { exact: true }),
  /** Of a zchunk file's header; always a sha256. */
  headerChecksum: Schema.optionalWith(Schema.String, { exact: true }),
  headerSize: Schema.optionalWith(Schema.Int, { exact: true }),
  /** Of an SQLite file. */
  databaseVersion: Schema.optionalWith(Schema.Int, { exact: true })
}

/** A file of `repodata/`. */
export const RepositoryFile = Schema.Struct({
  /** Its file name, without a checksum before it. */
  name: Schema.String,
  content: DigestOf(Rope),
  ...FileFacts
})
export type RepositoryFile = typeof RepositoryFile.Type

/** All files of `repodata/` but repomd.xml, by their types there. */
export const RepositoryFiles = Schema.Record({ key: Schema.String, value: RepositoryFile })
export type RepositoryFiles = typeof RepositoryFiles.Type

/** The name that tells a file from its other versions, as caches and mirrors need it. */
export const uniqueName = ({ checksum, name }: Pick<RepositoryFile, "checksum" | "name">): string =>
  `${checksum}-${name}`

/** What repomd.xml says of a file that lies in `repodata/`; `timestamp` is in Unix seconds. */
export const repomdRecord = (
  { checksum, headerChecksum, openChecksum, ...sizes }: Omit<RepositoryFile, "content" | "name">,
  { as, ...place }: { readonly as: ChecksumType } & Pick<RepomdRecord, "type" | "href" | "timestamp">
): RepomdRecord => {
  const sum = (value: string) => ({ type: as, value })
  return {
    checksum: sum(checksum),
    ...(openChecksum === undefined ? {} : { openChecksum: sum(openChecksum) }),
    ...(headerChecksum === undefined ? {} : { headerChecksum: { type: "sha256", value: headerChecksum } }),
    ...sizes,
    ...place
  }
}
