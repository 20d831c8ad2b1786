import { createHash } from "node:crypto"
import { Data, Either, Option } from "effect"
import { readCompressedInteger } from "./compressed-integer.ts"

/** What a zchunk file says of itself before its first chunk. */
export interface ZchunkIndex {
  /** Bytes before the first stored chunk: what repomd.xml calls the header's size. */
  readonly headerSize: number
  /** Of the header itself, which has it; in hex. */
  readonly headerChecksum: string
  /** Of all that is stored behind the header, in hex, by the same algorithm. */
  readonly dataChecksum: string
  readonly algorithm: "sha1" | "sha256"
  readonly compression: "none" | "zstd"
  /** By which chunks are named. */
  readonly chunkAlgorithm: ChunkAlgorithm
  /** Whether the first chunk is a dictionary, with which the others are compressed. Where not, it is empty. */
  readonly hasDictionary: boolean
  readonly chunks: ReadonlyArray<StoredChunk>
}

/** A chunk's place in the file, in bytes from the file's start. */
interface StoredChunk {
  /** Of the stored bytes, in hex. */
  readonly checksum: string
  readonly offset: number
  readonly storedSize: number
  /** Bytes of its text. */
  readonly size: number
}

type ChunkAlgorithm = "sha1" | "sha256" | "sha512" | "sha512/128"

/**
 * Reads the header of a zchunk file, of which no more need be there, and checks all of it, its checksum too. What it announces is held
 * against what is there before anything is made of it. Refuses what libzck 1.2 does not read either: streams, signatures, unknown
 * flags and types. Source: zchunk file format.
 */
export const readZchunk = (bytes: Uint8Array): Either.Either<ZchunkIndex, BadZchunk> =>
  Either.gen(function* () {
    const lead = new Cursor(bytes, "lead")
    const magic = yield* lead.bytes(MAGIC.length)
    if (!magic.equals(MAGIC)) return yield* bad("it does not start as one")
    const algorithm = yield* oneOf(ALGORITHMS, yield* lead.integer(), "checksum type")
    const sizeAfterLead = yield* lead.integer()
    const digested = lead.at
    const headerChecksum = (yield* lead.bytes(DIGEST_SIZES[algorithm])).toString("hex")
    const headerSize = lead.at + sizeAfterLead
    if (headerSize > bytes.length) {
      return yield* bad(`it is cut off: its header has ${headerSize} bytes, ${bytes.length} are there`)
    }
    const header = new Cursor(bytes.subarray(0, headerSize), "header", lead.at)
    const sum = createHash(algorithm).update(bytes.subarray(0, digested)).update(bytes.subarray(lead.at, headerSize))
    if (sum.digest("hex") !== headerChecksum) return yield* bad("its header has another checksum than it says")

    const dataChecksum = (yield* header.bytes(DIGEST_SIZES[algorithm])).toString("hex")
    const flags = yield* header.integer()
    if (flags !== 0) return yield* bad(`it has flags that are not known here: ${flags}`)
    const compression = yield* oneOf(COMPRESSIONS, yield* header.integer(), "compression type")
    const indexSize = yield* header.integer()
    const indexStart = header.at
    const chunkAlgorithm = yield* oneOf(CHUNK_ALGORITHMS, yield* header.integer(), "chunk checksum type")
    const count = yield* header.integer()
    const entrySize = DIGEST_SIZES[chunkAlgorithm] + 2
    if (count === 0) return yield* bad("it has no entry for a dictionary")
    if (count > header.left / entrySize) {
      return yield* bad(`it claims ${count} chunks, more than its header has room for`)
    }
    const chunks: Array<StoredChunk> = []
    let offset = headerSize
    while (chunks.length < count) {
      const checksum = (yield* header.bytes(DIGEST_SIZES[chunkAlgorithm])).toString("hex")
      const storedSize = yield* header.integer()
      const size = yield* header.integer()
      chunks.push({ checksum, offset, storedSize, size })
      offset += storedSize
    }
    if (!Number.isSafeInteger(offset)) return yield* bad("its chunks are too large")
    if (header.at - indexStart !== indexSize) {
      return yield* bad(`its index has ${header.at - indexStart} bytes, not the ${indexSize} that it says`)
    }
    const signatures = yield* header.integer()
    if (signatures !== 0) return yield* bad(`it has ${signatures} signatures, which nobody can read`)
    if (header.left !== 0) return yield* bad(`its header goes on for ${header.left} bytes after its end`)
    const hasDictionary = chunks[0]?.storedSize !== 0
    return { headerSize, headerChecksum, dataChecksum, algorithm, compression, chunkAlgorithm, hasDictionary, chunks }
  })

/** What is no zchunk file, or none that can be read. `reason` follows the words "this is not a zchunk file:". */
export class BadZchunk extends Data.TaggedError("BadZchunk")<{ readonly reason: string }> {
  override get message(): string {
    return `not a usable zchunk file: ${this.reason}`
  }
}

/** Reads one field after the other, never beyond the end. */
class Cursor {
  readonly #bytes: Buffer
  readonly #what: string
  at: number

  constructor(bytes: Uint8Array, what: string, at = 0) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#what = what
    this.at = at
  }
  get left(): number {
    return this.#bytes.length - this.at
  }
  bytes(size: number): Either.Either<Buffer, BadZchunk> {
    if (size > this.left) return bad(`its ${this.#what} ends too early`)
    const start = this.at
    this.at += size
    return Either.right(this.#bytes.subarray(start, this.at))
  }
  integer(): Either.Either<number, BadZchunk> {
    const read = readCompressedInteger(this.#bytes, this.at)
    if (Option.isNone(read)) return bad(`its ${this.#what} has a number that does not end, or is too large`)
    this.at = read.value.end
    return Either.right(read.value.value)
  }
}

const oneOf = <A>(known: ReadonlyArray<A | undefined>, type: number, what: string): Either.Either<A, BadZchunk> => {
  const found = known[type]
  return found === undefined ? bad(`its ${what} is not known here: ${type}`) : Either.right(found)
}

const bad = (reason: string): Either.Either<never, BadZchunk> => Either.left(new BadZchunk({ reason }))

const MAGIC = Buffer.from("\0ZCK1", "latin1")
/** By their numbers in the file; 1 is a compression that is no more. */
const ALGORITHMS = ["sha1", "sha256"] as const
const COMPRESSIONS = ["none", undefined, "zstd"] as const
const CHUNK_ALGORITHMS = ["sha1", "sha256", "sha512", "sha512/128"] as const
const DIGEST_SIZES = { sha1: 20, sha256: 32, sha512: 64, "sha512/128": 16 } as const
