import { type BlobCodec, Bytes, blobCodec, type DigestOf, isDigest } from "../graph/index.ts"

/** A file as the blobs it consists of, one behind the other; written out only when it is published. */
export const Rope: BlobCodec<ReadonlyArray<DigestOf<Uint8Array>>> = blobCodec({
  name: "rope",
  encode: (parts) => Buffer.from(parts.map((part) => `${part}\n`).join("")),
  decode: (bytes) =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString().split("\n").slice(0, -1).map(partOf),
  references: (parts) => parts.map((digest) => ({ digest, codec: Bytes }))
})

const partOf = (line: string): DigestOf<Uint8Array> => {
  if (!isDigest(line)) throw new TypeError(`not a rope's line: ${line}`)
  return line as DigestOf<Uint8Array> // any blob is bytes
}
