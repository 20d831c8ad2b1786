import { Effect, Layer } from "effect"
import { type Digest, digestOf } from "./digest.ts"
import { BlobMissing, type NodeRecord, type RanNodes, type RunRecord, Store, type StoreApi } from "./store.ts"

/** What a {@link memoryStore} holds, open to tests that damage it. */
export interface MemoryContents {
  readonly blobs: Map<Digest, Uint8Array>
  readonly nodes: Map<string, NodeRecord>
  readonly runs: Map<number, RunRecord>
  readonly memories: Map<string, string>
}

export const emptyContents = (): MemoryContents => ({
  blobs: new Map(),
  nodes: new Map(),
  runs: new Map(),
  memories: new Map()
})

/** A store in this process's memory. */
export const memoryStore = ({ blobs, memories, nodes, runs }: MemoryContents): StoreApi => ({
  lookup: (keys) => Effect.sync(() => keys.map((key) => nodes.get(key))),
  node: (key) => Effect.sync(() => nodes.get(key)),
  putNode: (node) =>
    Effect.sync(() => {
      if (node.rerun !== null || !nodes.has(node.key)) nodes.set(node.key, node)
    }),
  blob: (digest) =>
    Effect.suspend(() => {
      const bytes = blobs.get(digest)
      if (bytes === undefined) return Effect.fail(new BlobMissing({ digest, damaged: false }))
      if (digestOf(bytes) === digest) return Effect.succeed(bytes)
      blobs.delete(digest)
      return Effect.fail(new BlobMissing({ digest, damaged: true }))
    }),
  putBlob: (bytes) =>
    Effect.sync(() => {
      const digest = digestOf(bytes)
      if (!blobs.has(digest)) blobs.set(digest, Uint8Array.from(bytes))
      return digest
    }),
  hasBlob: (digest) => Effect.sync(() => blobs.has(digest)),
  startRun: (label, started) =>
    Effect.sync(() => {
      const id = Math.max(0, ...runs.keys()) + 1
      runs.set(id, { id, label, status: "running", started, finished: null, root: null })
      return id
    }),
  finishRun: (id, end) =>
    Effect.sync(() => {
      const run = runs.get(id)
      if (run !== undefined) runs.set(id, { ...run, ...end })
    }),
  run: (id) => Effect.sync(() => runs.get(id)),
  lastSucceeded: (label, before) =>
    Effect.sync(() =>
      [...runs.values()]
        .filter((run) => run.label === label && run.status === "succeeded" && run.id < before)
        .reduce<RunRecord | undefined>(
          (newest, run) => (newest === undefined || run.id > newest.id ? run : newest),
          undefined
        )
    ),
  ranIn: (run) =>
    Effect.sync(() => {
      const ran = new Map<string, RanNodes>()
      for (const { ownMs, rule, run: computedBy } of nodes.values()) {
        if (computedBy !== run) continue
        const { nodes: count, ownMs: sum } = ran.get(rule.name) ?? { nodes: 0, ownMs: 0 }
        ran.set(rule.name, { rule: rule.name, nodes: count + 1, ownMs: sum + ownMs })
      }
      return [...ran.values()]
    }),
  recall: (name) => Effect.sync(() => memories.get(name)),
  remember: (name, text) => Effect.sync(() => void memories.set(name, text)),
  flush: Effect.void
})

/** A fresh store in memory, for tests and throw-away runs. */
export const layerMemory = (contents: MemoryContents = emptyContents()): Layer.Layer<Store> =>
  Layer.succeed(Store, memoryStore(contents))
