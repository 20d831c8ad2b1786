import { Effect, type SchemaAST } from "effect"
import type { Reference } from "./blob-codec.ts"
import type { Digest } from "./digest.ts"
import { referencesIn } from "./references.ts"
import { BlobMissing, type StoreApi, type StoreError } from "./store.ts"

/** Follows what values name through the store. What was found whole once is not walked again. */
export const closureOf = (store: StoreApi) => {
  const whole = new Set<Digest>()

  const follow = (references: ReadonlyArray<Reference>): Effect.Effect<void, StoreError | BlobMissing> =>
    Effect.gen(function* () {
      for (const { codec, digest } of references) {
        if (whole.has(digest)) continue
        const bytes = yield* store.blob(digest)
        // A codec that cannot read its own blob has changed: as good as damaged, for the blob is of no use.
        const unreadable = () => new BlobMissing({ digest, damaged: true })
        yield* follow(yield* Effect.try({ try: () => codec.referencesIn(bytes), catch: unreadable }))
        whole.add(digest)
      }
    })

  return {
    /** The first blob below an encoded value that is missing or damaged; undefined where all is there. */
    firstMissing: (schema: SchemaAST.AST, encoded: unknown): Effect.Effect<BlobMissing | undefined, StoreError> =>
      follow(referencesIn(schema, encoded)).pipe(
        Effect.as(undefined),
        Effect.catchTag("BlobMissing", (missing) => Effect.succeed(missing))
      )
  }
}
