import type { Digest } from "./digest.ts"
import type { FileProblem } from "./external-files.ts"

/** What a worker thread is told when it starts. */
export interface WorkerStart {
  /** The store's directory; see `SharedBlobs`. */
  readonly home: string
}

/** Inputs of one rule for a worker thread to compute, one after another. */
export interface Batch {
  readonly id: number
  readonly rule: string
  /** Encoded, as canonical JSON. */
  readonly inputs: ReadonlyArray<string>
  /** Where the external files are that the inputs name. */
  readonly files: ReadonlyArray<readonly [Digest, string]>
  /** Blobs that the inputs name and that are not in the store's directory yet. */
  readonly blobs: ReadonlyArray<readonly [Digest, Uint8Array]>
}

/** What became of one input. */
export type Answer =
  /** `output`: JSON of the encoded output. */
  | { readonly _tag: "Output"; readonly output: string; readonly ownMs: number }
  /** `error`: encoded with the rule's error schema. */
  | { readonly _tag: "Error"; readonly error: unknown; readonly ownMs: number }
  | { readonly _tag: "BlobLost"; readonly digest: Digest; readonly damaged: boolean }
  /** Of an external file, to be worded by who knows the files. */
  | { readonly _tag: "FileUnusable"; readonly problem: FileProblem }
  | { readonly _tag: "Accident"; readonly reason: string }
  | { readonly _tag: "Crash"; readonly text: string }

/** A worker thread's messages: that it is ready for batches, and what became of one, in the order of its inputs. */
export type WorkerMessage =
  | { readonly _tag: "Ready" }
  | {
      readonly _tag: "Done"
      readonly id: number
      readonly answers: ReadonlyArray<Answer>
      /** All small blobs that were written for them. */
      readonly blobs: ReadonlyArray<readonly [Digest, Uint8Array]>
    }
