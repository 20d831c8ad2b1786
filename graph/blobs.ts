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
    readonly write: (bytes: Uint8Array) => Effect.Effect<Digest>
  }
>() {}

/**
 * Files that lie outside the store and are known by digest (the source has vouched for them before the graph starts), such as
 * packages of some MiB that nobody wants to copy. Only actions read them; paths never enter an input.
 */
export class ExternalFiles extends Context.Tag("graph/ExternalFiles")<
  ExternalFiles,
  {
    /** The absolute path of the file. A digest that the source did not name is an engine failure. */
    readonly path: (digest: Digest) => Effect.Effect<string>
  }
>() {}
