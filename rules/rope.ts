import { type BlobCodec, Bytes, type DigestOf, isDigest } from "../graph/index.ts"
import { lines } from "./lines.ts"

/** A file as the blobs it consists of, one behind the other; written out only when it is published. */
export const Rope: BlobCodec<ReadonlyArray<DigestOf<Uint8Array>>> = lines({
  name: "rope",
  lineOf: (part: DigestOf<Uint8Array>) => part,
  rowOf: (line) => {
    if (!isDigest(line)) throw new TypeError(`not a rope's line: ${line}`)
    return line as DigestOf<Uint8Array> // any blob is bytes
  },
  references: (parts) => parts.map((digest) => ({ digest, codec: Bytes }))
})
