import { Effect } from "effect"
import type { StoreApi } from "./store.ts"
import { emptyContents, memoryStore } from "./store-memory.ts"

/**
 * A store that reads through to another and keeps every write in memory: a dry run may plan as it likes and leaves nothing behind.
 * Its runs are numbered above those of the store beneath.
 */
export const overlayStore = (beneath: StoreApi): StoreApi => {
  const above = memoryStore(emptyContents())
  return {
    lookup: (keys) =>
      Effect.zipWith(above.lookup(keys), beneath.lookup(keys), (ours, theirs) =>
        ours.map((hit, i) => hit ?? theirs[i])
      ),
    node: (key) =>
      Effect.flatMap(above.node(key), (node) => (node === undefined ? beneath.node(key) : Effect.succeed(node))),
    putNode: above.putNode,
    blob: (digest) => Effect.catchTag(above.blob(digest), "BlobMissing", () => beneath.blob(digest)),
    putBlob: above.putBlob,
    hasBlob: (digest) =>
      Effect.flatMap(above.hasBlob(digest), (there) => (there ? Effect.succeed(true) : beneath.hasBlob(digest))),
    startRun: () => Effect.succeed(Number.MAX_SAFE_INTEGER),
    finishRun: () => Effect.void,
    run: beneath.run,
    ranIn: beneath.ranIn,
    lastSucceeded: beneath.lastSucceeded,
    recall: (name) =>
      Effect.flatMap(above.recall(name), (text) => (text === undefined ? beneath.recall(name) : Effect.succeed(text))),
    remember: above.remember,
    flush: Effect.void
  }
}
