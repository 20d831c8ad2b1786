import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { type Context, Effect } from "effect"
import { blobFiles } from "./blob-files.ts"
import { type BlobReader, blobReader } from "./blob-reader.ts"
import type { Blobs } from "./blobs.ts"
import { type Digest, digestOf } from "./digest.ts"
import { EngineFailure, EngineFault, raise } from "./failure.ts"
import { largestPacked } from "./pack.ts"

/** A store's blobs on a worker thread: read from its directory; written there if they are large, else handed over. */
export interface ThreadBlobs {
  readonly blobs: Context.Tag.Service<Blobs>
  /** Takes blobs that are not in the directory yet. */
  readonly give: (blobs: ReadonlyArray<readonly [Digest, Uint8Array]>) => void
  /** What was written since the last call, but for large blobs, which are files already: in memory of its own, which can change hands. */
  readonly takeWritten: () => ReadonlyArray<readonly [Digest, Uint8Array<ArrayBuffer>]>
}

/** Those of the store that has its home here. What this thread wrote lately it has at hand: it is often what it reads next. */
export const threadBlobs = (home: string): ThreadBlobs => {
  const files = blobFiles(home)
  const stored = blobReader(new DatabaseSync(join(home, "store.db"), { readOnly: true, timeout: 30_000 }), files)
  const atHand = new Map<Digest, Uint8Array>()
  let bytesAtHand = 0
  let written: Array<readonly [Digest, Uint8Array]> = []
  /** Copies lie in it one behind the other, as memory for each would cost more. It is never written on twice. */
  let room = Buffer.alloc(0)
  let end = 0

  const remember = (digest: Digest, bytes: Uint8Array): void => {
    if (!atHand.has(digest)) bytesAtHand += bytes.length
    atHand.set(digest, bytes)
    for (const [oldest, old] of atHand) {
      if (bytesAtHand <= mostAtHand) break
      atHand.delete(oldest)
      bytesAtHand -= old.length
    }
  }
  const copyOf = (bytes: Uint8Array): Uint8Array => {
    if (end + bytes.length > room.length) {
      room = Buffer.allocUnsafeSlow(roomSize)
      end = 0
    }
    room.set(bytes, end)
    end += bytes.length
    return room.subarray(end - bytes.length, end)
  }
  const seen = <A>(digest: Digest, stored: BlobReader["blob"], see: (bytes: Uint8Array) => A): Effect.Effect<A> =>
    Effect.suspend(() => {
      const known = atHand.get(digest)
      if (known !== undefined) return Effect.succeed(see(known))
      const bytes = stored(digest)
      if (bytes !== undefined && digestOf(bytes) === digest) return Effect.succeed(see(bytes))
      return raise(new EngineFault(EngineFailure.BlobLost({ digest, damaged: bytes !== undefined })))
    })
  return {
    blobs: {
      read: (digest) => seen(digest, stored.blob, (bytes) => bytes),
      lend: (digest, see) => seen(digest, stored.lent, see),
      write: (bytes) =>
        Effect.sync(() => {
          const digest = digestOf(bytes)
          if (bytes.length > largestPacked) {
            const there = files.read(digest)
            if (there === undefined || Buffer.compare(there, bytes) !== 0) files.write(digest, bytes)
          } else {
            // A copy: the rule may go on to use its buffer, or hand over a small piece of a large one.
            const copy = copyOf(bytes)
            remember(digest, copy)
            written.push([digest, copy])
          }
          return digest
        })
    },
    give: (given) => {
      for (const [digest, bytes] of given) remember(digest, bytes)
    },
    takeWritten: () => {
      const blobs = written
      written = []
      const memory = Buffer.allocUnsafeSlow(blobs.reduce((sum, [, bytes]) => sum + bytes.length, 0))
      let filled = 0
      return blobs.map(([digest, bytes]) => {
        memory.set(bytes, filled)
        filled += bytes.length
        return [digest, memory.subarray(filled - bytes.length, filled)] as const
      })
    }
  }
}

/** Bytes, as many as the largest small blobs need. */
const roomSize = 2 * largestPacked

const mostAtHand = 8 * 1024 * 1024
