import { Effect, Option } from "effect"
import { Blobs } from "./blobs.ts"
import { BlobMissing, Store, StoreError } from "./store.ts"

/**
 * Gives code outside the graph (a source that writes what it read, a publisher that writes files out) the store's blobs. What rules
 * leave to the engine it must handle itself, so here both failures are in the type.
 */
export const withBlobs = <A, E, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E | StoreError | BlobMissing, Exclude<R, Blobs> | Store> =>
  Effect.flatMap(Store, (store) =>
    effect.pipe(
      Effect.provideService(Blobs, {
        read: (digest) => Effect.orDie(store.blob(digest)),
        lend: (digest, see) => Effect.orDie(store.lend?.(digest, see) ?? Effect.map(store.blob(digest), see)),
        write: (bytes) => Effect.orDie(store.putBlob(bytes))
      }),
      Effect.catchSomeDefect((defect) =>
        defect instanceof StoreError || defect instanceof BlobMissing ? Option.some(Effect.fail(defect)) : Option.none()
      )
    )
  )
