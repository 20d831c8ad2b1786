/**
 * A declarative build-graph engine: typed, versioned, pure rules over a content-addressed store; incremental by construction,
 * every step explained. Knows nothing of what it builds. `graph/README.md` builds a toy with it.
 */
export {
  type BlobCodec,
  Bytes,
  blobCodec,
  Difference,
  DigestOf,
  lendBlob,
  type Reference,
  readBlob,
  writeBlob
} from "./blob-codec.ts"
export { Blobs } from "./blobs.ts"
export { canonicalJson } from "./canonical.ts"
export { Digest, digestOf, hashOf, isDigest, makeDigest, sizeOf } from "./digest.ts"
export { type DryRun, type DryRunNode, dryRun } from "./dry-run.ts"
export { type Evaluated, type EvaluateOptions, evaluate } from "./evaluate.ts"
export type { RunEvent } from "./events.ts"
export { explain } from "./explain.ts"
export { Explanation, FieldChange, NodeStory, Outcome, Reason } from "./explanation.ts"
export {
  describeFileProblem,
  ExternalFile,
  ExternalFiles,
  externalFiles,
  type FileProblem,
  type OpenFile
} from "./external-files.ts"
export { accident, describeFailure, EngineFailure, EngineFault, type NodeFailure, RunFailed } from "./failure.ts"
export {
  collectGarbage,
  type GcReport,
  type GcRequest,
  type GcStage,
  StoreBusy
} from "./gc/collect-garbage.ts"
export { collectIfLarge } from "./gc/collect-if-large.ts"
export type { Amount } from "./gc/marking.ts"
export type { GcPolicy } from "./gc/states.ts"
export type { Because, Judgement } from "./gc/survey.ts"
export { giveBack } from "./give-back.ts"
export { fingerprint, rulesUnder } from "./key.ts"
export { longestDeaf, nextTurn } from "./next-turn.ts"
export { noteUse } from "./note-use.ts"
export { referencesIn } from "./references.ts"
export {
  type Action,
  type AnyRule,
  action,
  type FailureOf,
  type InputOf,
  type MayNeed,
  need,
  needAll,
  type OutputOf,
  type Plan,
  plan,
  type Rule
} from "./rule.ts"
export { serveActions } from "./serve-actions.ts"
export { BlobMissing, type NodeRecord, type RunRecord, Store, type StoreApi, StoreError } from "./store.ts"
export { withBlobs } from "./store-blobs.ts"
export { directoryStore, layerDirectory } from "./store-directory.ts"
export { emptyContents, layerMemory, type MemoryContents, memoryStore } from "./store-memory.ts"
export { overlayStore } from "./store-overlay.ts"
export { type Watch, watch } from "./watch.ts"
export type { WorkerOptions } from "./worker-pool.ts"
