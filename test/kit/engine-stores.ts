import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect, Exit, Scope } from "effect"
import {
  type Digest,
  directoryStore,
  emptyContents,
  hashOf,
  memoryStore,
  overlayStore,
  type StoreApi,
  sizeOf
} from "../../graph/index.ts"

/** A store with what a test needs to do harm to it. */
export interface OpenStore {
  readonly store: StoreApi
  /** The blob is gone, as after a careless clean-up. */
  readonly evict: (digest: Digest) => void
  /** The blob's bytes are others, as after a bad disk. */
  readonly corrupt: (digest: Digest) => void
  readonly close: () => Promise<void>
}

export const openMemory = (contents = emptyContents()): OpenStore => ({
  store: memoryStore(contents),
  evict: (digest) => void contents.blobs.delete(digest),
  corrupt: (digest) => void contents.blobs.set(digest, Buffer.from("damage")),
  close: () => Promise.resolve()
})

/** A store in a directory can tell that a result was damaged. */
export interface OpenDirectory extends OpenStore {
  /** The result under this key is damaged, and with it those that are stored together with it. */
  readonly corruptResult: (key: string) => void
  /** Of two results that are stored together each stands where the other should. */
  readonly exchangeResults: (keys: readonly [string, string]) => void
}

/** Damage goes past the open store, to its files, as another program would do it. */
export const openDirectory = async (directory: string): Promise<OpenDirectory> => {
  const scope = Effect.runSync(Scope.make())
  const store = await Effect.runPromise(Scope.extend(directoryStore(directory), scope))
  const home = join(directory, "v4")
  const change = (sql: string, ...values: ReadonlyArray<string | Uint8Array>): void => {
    Effect.runSync(store.flush)
    const database = new DatabaseSync(join(home, "store.db"), { timeout: 10_000 })
    database.prepare(sql).run(...values)
    database.close()
  }
  const harm = (digest: Digest, row: string, file: (path: string) => void): void => {
    if (sizeOf(digest) > 256 * 1024) file(join(home, "blobs", digest.slice(0, 2), digest.slice(2, 64)))
    else change(row, half(hashOf(digest)))
  }
  return {
    store,
    evict: (digest) => harm(digest, "DELETE FROM blob WHERE hash = ?", (path) => rmSync(path)),
    corrupt: (digest) =>
      harm(digest, "UPDATE blob SET start = start + 1 WHERE hash = ?", (path) => writeFileSync(path, "damage")),
    corruptResult: (key) =>
      change(
        "UPDATE batch SET outputs = substr(outputs, 2) WHERE id = (SELECT batch FROM node WHERE key = ?)",
        half(key)
      ),
    exchangeResults: ([one, other]) =>
      change("UPDATE node SET slot = 1 - slot WHERE key IN (?, ?)", half(one), half(other)),
    close: () => Effect.runPromise(Scope.close(scope, Exit.void))
  }
}

/** What rows are found by. */
const half = (hash: string): Uint8Array => Buffer.from(hash.slice(0, 32), "hex")

/** An overlay over a store in memory; harm is done beneath. */
export const openOverlay = (beneath = openMemory()): OpenStore => ({ ...beneath, store: overlayStore(beneath.store) })
