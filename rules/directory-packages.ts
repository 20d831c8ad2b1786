import { Effect, Either } from "effect"
import {
  type BlobCodec,
  type Blobs,
  type Difference,
  type Digest,
  DigestOf,
  isDigest,
  writeBlob
} from "../graph/index.ts"
import { type ChecksumType, checksumTypes } from "../src/repodata/checksum-type.ts"
import { parseNvra } from "../src/rpm/nevra.ts"
import { chunkList, cutIntoChunks, writeChunks } from "./chunk-list.ts"
import { lines } from "./lines.ts"
import type { ListedPackage } from "./metadata-run.ts"
import { compareBytes } from "./rpm-row.ts"

/** A package file of a plain directory. */
export interface DirectoryPackage {
  /** Relative to the directory, as found or listed; without control characters. */
  readonly path: string
  /** Relative to the repository; differs from the path where that was asked for. */
  readonly href: string
  readonly file: Digest
  /** That of its signature header, in hex, where the file was seen to have one. */
  readonly sigmd5: string | null
  /** Modification time, in Unix seconds. */
  readonly time: number
  /** Of the whole file, in hex, where another one than sha256 is to identify packages. */
  readonly checksum: { readonly type: ChecksumType; readonly value: string } | null
}

/** The same with the name at which the list may be cut. */
interface Row extends DirectoryPackage {
  readonly name: string
}

export const DirectoryChunk: BlobCodec<ReadonlyArray<Row>> = lines({
  name: "directory-packages",
  differences: (before, after) => Effect.sync(() => differences(before, after)),
  lineOf: ({ checksum, file, href, path, sigmd5, time }: Row) =>
    [
      file,
      time,
      sigmd5 ?? "-",
      checksum === null ? "-" : `${checksum.type} ${checksum.value}`,
      path,
      ...(href === path ? [] : [href])
    ].join("\t"),
  rowOf: (line) => {
    const [file, time, sigmd5 = "", checksum = "", path, href = path] = line.split("\t")
    if (!isDigest(file) || path === undefined || href === undefined)
      throw new TypeError(`not a package's line: ${line}`)
    return {
      name: nameOf(path),
      path,
      href,
      file,
      sigmd5: sigmd5 === "-" ? null : sigmd5,
      time: Number(time),
      checksum: checksumOf(checksum)
    }
  }
})

/** The packages of a directory in the order of their metadata. */
export const DirectoryList = chunkList(DirectoryChunk, differences)
export const DirectoryListDigest = DigestOf(DirectoryList)

/** How its repository lists a package. Nobody says with which key it should be signed. */
export const listedInDirectory = ({ checksum, file, href, path, sigmd5, time }: DirectoryPackage): ListedPackage => ({
  package: path,
  file,
  sigmd5,
  signedWith: null,
  ...(checksum === null ? {} : { checksum }),
  href,
  timeFile: time
})

/** Stores the packages of a directory, which may come in any order. They are listed as createrepo_c does: by file name, then folder. */
export const writeDirectoryList = (
  packages: ReadonlyArray<DirectoryPackage>
): Effect.Effect<typeof DirectoryListDigest.Type, never, Blobs> =>
  Effect.suspend(() => {
    const keyed = packages.map((listed) => {
      const slash = listed.path.lastIndexOf("/")
      return { listed, file: listed.path.slice(slash + 1), folder: listed.path.slice(0, Math.max(0, slash)) }
    })
    keyed.sort((a, b) => compareBytes(a.file, b.file) || compareBytes(a.folder, b.folder))
    const chunks = cutIntoChunks(keyed.map(({ listed }) => ({ ...listed, name: nameOf(listed.path) })))
    return Effect.flatMap(writeChunks(DirectoryChunk, chunks), (list) => writeBlob(DirectoryList, list))
  })

/** That of the package as its file name says it, or the file name itself. */
const nameOf = (path: string): string => {
  const file = path.slice(path.lastIndexOf("/") + 1)
  return Either.match(parseNvra(file), { onLeft: () => file, onRight: ({ name }) => (name === "" ? file : name) })
}

const checksumOf = (text: string): DirectoryPackage["checksum"] => {
  if (text === "-") return null
  const [name, value] = text.split(" ")
  const type = checksumTypes.find((known) => known === name)
  if (type === undefined || value === undefined) throw new TypeError(`not a checksum: ${text}`)
  return { type, value }
}

/** What changed in a directory, file by file. */
function differences(before: ReadonlyArray<Row>, after: ReadonlyArray<Row>): ReadonlyArray<Difference> {
  const old = new Map(before.map((row) => [row.path, row]))
  const now = new Set(after.map(({ path }) => path))
  const arrivals = after.flatMap((row): ReadonlyArray<Difference> => {
    const was = old.get(row.path)
    if (was === undefined) return [{ kind: "added", subject: row.path, after: row.path }]
    if (was.file !== row.file) return [{ kind: "changed", subject: row.path, after: "has other content" }]
    if (was.time !== row.time) return [{ kind: "changed", subject: row.path, after: "has another time" }]
    return was.href === row.href ? [] : [{ kind: "changed", subject: row.path, before: was.href, after: row.href }]
  })
  const departures = before.flatMap(
    ({ path }): ReadonlyArray<Difference> => (now.has(path) ? [] : [{ kind: "removed", subject: path, before: path }])
  )
  return [...arrivals, ...departures]
}
