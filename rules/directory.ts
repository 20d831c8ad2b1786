import {
  type BlobCodec,
  Bytes,
  blobCodec,
  type Digest,
  type DigestOf,
  isDigest,
  type Reference
} from "../graph/index.ts"
import { lines } from "./lines.ts"
import { Rope } from "./rope.ts"
import { compareBytes } from "./rpm-row.ts"

/** What a directory has under one name. */
export type DirectoryEntry = { readonly name: string } & (
  | { readonly type: "directory"; readonly content: DigestOf<Directory> }
  | { readonly type: "file"; readonly content: DigestOf<Uint8Array> }
  | { readonly type: "rope"; readonly content: DigestOf<ReadonlyArray<DigestOf<Uint8Array>>> }
  /** A package file, which lies in the topdir and not in the store. */
  | { readonly type: "package"; readonly content: Digest }
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
    entries.flatMap(({ content, type }) => {
      if (type === "package") return []
      return [{ digest: content, codec: type === "directory" ? Directory : type === "rope" ? Rope : Bytes }]
    })
})

const Entries = lines({
  name: "directory entries",
  lineOf: ({ content, name, type }: DirectoryEntry) => `${type}\t${content}\t${name}`,
  rowOf: (line) => {
    const [type = "", content, ...name] = line.split("\t")
    if (!types.has(type) || !isDigest(content)) throw new TypeError(`not a directory's line: ${line}`)
    // the type says what the content is a digest of, and only the encoder writes it
    return { type, content, name: name.join("\t") } as DirectoryEntry
  }
})

const types: ReadonlySet<string> = new Set(["directory", "file", "rope", "package"])
