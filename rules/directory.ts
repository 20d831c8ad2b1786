import { type BlobCodec, Bytes, blobCodec, type DigestOf, isDigest, type Reference } from "../graph/index.ts"
import { lines } from "./lines.ts"
import { PackageDirectory, type PackageFile } from "./package-directory.ts"
import { Rope } from "./rope.ts"
import { compareBytes } from "./rpm-row.ts"

/** What a directory has under one name. */
export type DirectoryEntry = { readonly name: string } & (
  | { readonly type: "directory"; readonly content: DigestOf<Directory> }
  | { readonly type: "file"; readonly content: DigestOf<Uint8Array> }
  | { readonly type: "rope"; readonly content: DigestOf<ReadonlyArray<DigestOf<Uint8Array>>> }
  /** A directory of package files. */
  | { readonly type: "packages"; readonly content: DigestOf<ReadonlyArray<DigestOf<ReadonlyArray<PackageFile>>>> }
  /** A symbolic link to the topdir, wherever the directory comes to stand. */
  | { readonly type: "topdir" }
)

/** A directory by content: equal directories have one digest, however deep. Names are in bytewise order, each once. */
export interface Directory {
  readonly entries: ReadonlyArray<DirectoryEntry>
}

export const Directory: BlobCodec<Directory> = blobCodec({
  name: "directory",
  encode: ({ entries }) => Entries.encode(entries.toSorted((a, b) => compareBytes(a.name, b.name))),
  decode: (bytes) => ({ entries: Entries.decode(bytes) }),
  references: ({ entries }): ReadonlyArray<Reference> =>
    entries.flatMap((entry) =>
      entry.type === "topdir" ? [] : [{ digest: entry.content, codec: codecs()[entry.type] }]
    )
})

/** A function, as a directory's own codec is among them. */
const codecs = (): Readonly<Record<Exclude<DirectoryEntry["type"], "topdir">, Reference["codec"]>> => ({
  directory: Directory,
  file: Bytes,
  rope: Rope,
  packages: PackageDirectory
})

const Entries = lines({
  name: "directory entries",
  lineOf: (entry: DirectoryEntry) => `${entry.type}\t${entry.type === "topdir" ? "" : entry.content}\t${entry.name}`,
  rowOf: (line): DirectoryEntry => {
    const [type = "", content, ...name] = line.split("\t")
    if (type === "topdir" && content === "") return { type: "topdir", name: name.join("\t") }
    if (!types.has(type) || !isDigest(content)) throw new TypeError(`not a directory's line: ${line}`)
    // the type says what the content is a digest of, and only the encoder writes it
    return { type, content, name: name.join("\t") } as DirectoryEntry
  }
})

const types: ReadonlySet<string> = new Set(["directory", "file", "rope", "packages"])
