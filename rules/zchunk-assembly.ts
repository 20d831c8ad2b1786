import { createHash } from "node:crypto"
import { Effect } from "effect"
import { Bytes, readBlob, sizeOf, writeBlob } from "../graph/index.ts"
import { type ChecksumType, hashAlgorithm } from "../src/repodata/checksum-type.ts"
import { chunkEntry, noDictionary, zchunkHeader } from "../src/repodata/zchunk.ts"
import { compressChunk } from "./compression.ts"
import { Rope } from "./rope.ts"
import type { ZchunkPart } from "./zchunk-part.ts"

/**
 * Puts a zchunk file together: its header, the dictionary if there is one, and the chunks just as they are. What is stored is read
 * twice, as the header, which comes first, holds its sum, and never held as a whole.
 */
export const assembleZchunk = ({
  checksumType,
  dictionary,
  parts
}: {
  readonly parts: ReadonlyArray<ZchunkPart>
  readonly dictionary: Uint8Array | undefined
  readonly checksumType: ChecksumType
}) =>
  Effect.gen(function* () {
    const first = yield* dictionaryChunk(dictionary)
    const stored = [...first.stored, ...parts.map((part) => part.stored)]
    const data = createHash("sha256")
    const entries: Array<Uint8Array> = [first.entry]
    for (const bytes of first.stored) data.update(yield* readBlob(Bytes, bytes))
    for (const part of parts) {
      data.update(yield* readBlob(Bytes, part.stored))
      entries.push(yield* readBlob(Bytes, part.entries))
    }
    const header = zchunkHeader({
      entries,
      chunks: parts.reduce((sum, { chunks }) => sum + chunks, 1),
      dataDigest: data.digest()
    })
    const content = [yield* writeBlob(Bytes, header.bytes), ...stored]
    const sum = createHash(hashAlgorithm(checksumType)).update(header.bytes)
    for (const bytes of stored) sum.update(yield* readBlob(Bytes, bytes))
    return {
      content: yield* writeBlob(Rope, content),
      checksum: sum.digest("hex"),
      size: content.reduce((total, bytes) => total + sizeOf(bytes), 0),
      openSize: parts.reduce((total, { openSize }) => total + openSize, 0),
      headerChecksum: header.checksum,
      headerSize: header.bytes.length
    }
  })

/** The dictionary is the file's first chunk, made without itself. */
const dictionaryChunk = (dictionary: Uint8Array | undefined) =>
  Effect.gen(function* () {
    if (dictionary === undefined) return { entry: noDictionary, stored: [] }
    const bytes = compressChunk(dictionary, undefined)
    return { entry: chunkEntry(bytes, dictionary.length), stored: [yield* writeBlob(Bytes, bytes)] }
  })
