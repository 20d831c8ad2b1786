import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { type Context, Effect } from "effect"
import { blobFiles } from "./blob-files.ts"
import { blobReader } from "./blob-reader.ts"
import type { Blobs } from "./blobs.ts"
import { type Digest, digestOf } from "./digest.ts"
import { EngineFailure, EngineFault, raise } from "./failure.ts"
import { largestPacked, type Pack, PackWriter } from "./pack.ts"

/** A store's blobs on a worker thread: read from its directory; written there if they are large, else handed over as packs. */
export interface ThreadBlobs {
  readonly blobs: Context.Tag.Service<Blobs>
  /** Takes blobs that are not in the directory yet. */
  readonly give: (blobs: ReadonlyArray<readonly [Digest, Uint8Array]>) => void
  /** What was written since the last call, but for large blobs, which are files already. */
  readonly takePacks: () => ReadonlyArray<Pack>
}

/** Those of the store that has its home here. What this thread wrote lately it has at hand: it is often what it reads next. */
export const threadBlobs = (home: string): ThreadBlobs => {
  const files = blobFiles(home)
  const read = blobReader(new DatabaseSync(join(home, "store.db"), { readOnly: true, timeout: 30_000 }), files)
  const atHand = new Map<Digest, Uint8Array>()
  let bytesAtHand = 0
  const written = new PackWriter()

  const remember = (digest: Digest, bytes: Uint8Array): void => {
    if (!atHand.has(digest)) bytesAtHand += bytes.length
    atHand.set(digest, bytes)
    for (const [oldest, old] of atHand) {
      if (bytesAtHand <= mostAtHand) break
      atHand.delete(oldest)
      bytesAtHand -= old.length
    }
  }
  return {
    blobs: {
      read: (digest) =>
        Effect.suspend(() => {
          const known = atHand.get(digest)
          if (known !== undefined) return Effect.succeed(known)
          const bytes = read(digest)
          if (bytes !== undefined && digestOf(bytes) === digest) return Effect.succeed(bytes)
          return raise(new EngineFault(EngineFailure.BlobLost({ digest, damaged: bytes !== undefined })))
        }),
      write: (bytes) =>
        Effect.sync(() => {
          const digest = digestOf(bytes)
          if (bytes.length > largestPacked) {
            const stored = files.read(digest)
            if (stored === undefined || Buffer.compare(stored, bytes) !== 0) files.write(digest, bytes)
          } else {
            remember(digest, written.add(digest, bytes))
          }
          return digest
        })
    },
    give: (given) => {
      for (const [digest, bytes] of given) remember(digest, bytes)
    },
    takePacks: () => written.take()
  }
}

const mostAtHand = 8 * 1024 * 1024
