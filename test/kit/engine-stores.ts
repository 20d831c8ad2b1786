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
  /** The result under this key has another output. */
  readonly corruptResult: (key: string, output: string) => void
}

/** Damage goes past the open store, to its files, as another program would do it. */
export const openDirectory = async (directory: string): Promise<OpenDirectory> => {
  const scope = Effect.runSync(Scope.make())
  const store = await Effect.runPromise(Scope.extend(directoryStore(directory), scope))
  const home = join(directory, "v3")
  const change = (sql: string, ...values: ReadonlyArray<string | Uint8Array>): void => {
    Effect.runSync(store.flush)
    const database = new DatabaseSync(join(home, "store.db"), { timeout: 10_000 })
    database.prepare(sql).run(...values)
    database.close()
  }
  const harm = (digest: Digest, row: string, file: (path: string) => void): void => {
    if (sizeOf(digest) > 256 * 1024) file(join(home, "blobs", digest.slice(0, 2), digest.slice(2, 64)))
    else change(row, Buffer.from(hashOf(digest), "hex"))
  }
  return {
    store,
    evict: (digest) => harm(digest, "DELETE FROM blob WHERE hash = ?", (path) => rmSync(path)),
    corrupt: (digest) =>
      harm(digest, "UPDATE blob SET start = start + 1 WHERE hash = ?", (path) => writeFileSync(path, "damage")),
    corruptResult: (key, output) => change("UPDATE node SET output = ? WHERE key = ?", output, Buffer.from(key, "hex")),
    close: () => Effect.runPromise(Scope.close(scope, Exit.void))
  }
}

/** An overlay over a store in memory; harm is done beneath. */
export const openOverlay = (beneath = openMemory()): OpenStore => ({ ...beneath, store: overlayStore(beneath.store) })
