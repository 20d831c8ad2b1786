import { type BlobCodec, type Digest, type DigestOf, isDigest } from "../graph/index.ts"
import { lines } from "./lines.ts"

/** A package file of a repository, where its name is the last segment of this path. It lies in the topdir, not in the store. */
export interface PackageFile {
  readonly content: Digest
  /** Relative to the topdir, with "/" between segments. */
  readonly path: string
}

/** The package files of one directory that come from one chunk, in bytewise order of their names. */
export const PackageFiles: BlobCodec<ReadonlyArray<PackageFile>> = lines({
  name: "package files",
  lineOf: ({ content, path }: PackageFile) => `${content}\t${path}`,
  rowOf: (line) => {
    const end = line.indexOf("\t")
    const content = line.slice(0, end)
    if (!isDigest(content)) throw new TypeError(`not a package file's line: ${line}`)
    return { content, path: line.slice(end + 1) }
  }
})

/**
 * A directory of nothing but package files, as the runs that it consists of, one behind the other: where a package changes, only
 * the run that holds it is listed anew.
 */
export const PackageDirectory: BlobCodec<ReadonlyArray<DigestOf<ReadonlyArray<PackageFile>>>> = lines({
  name: "package directory",
  lineOf: (files: DigestOf<ReadonlyArray<PackageFile>>) => files,
  rowOf: (line) => {
    if (!isDigest(line)) throw new TypeError(`not a package directory's line: ${line}`)
    return line as DigestOf<ReadonlyArray<PackageFile>> // the references say so, and only the encoder writes it
  },
  references: (runs) => runs.map((digest) => ({ digest, codec: PackageFiles }))
})
