import { Context, type Effect } from "effect"
import type { Digest } from "./digest.ts"

/**
 * The content-addressed store as rules see it. A lost or damaged blob is the engine's business (it rebuilds and tries again),
 * so neither call has an error.
 */
export class Blobs extends Context.Tag("graph/Blobs")<
  Blobs,
  {
    readonly read: (digest: Digest) => Effect.Effect<Uint8Array>
    /**
     * Gives what `see` makes of the bytes, which are lent to it: it must not keep them. Spares a copy; absent where there is none to
     * spare.
     */
    readonly lend?: <A>(digest: Digest, see: (bytes: Uint8Array) => A) => Effect.Effect<A>
    readonly write: (bytes: Uint8Array) => Effect.Effect<Digest>
  }
>() {}
