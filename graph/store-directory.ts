import { join } from "node:path"
import { Effect, Either, Layer, Schedule, type Scope } from "effect"
import { blobFiles } from "./blob-files.ts"
import { blobReader } from "./blob-reader.ts"
import { type Digest, digestOf, sizeOf } from "./digest.ts"
import { largestPacked, packsOf } from "./pack.ts"
import { packBases } from "./pack-bases.ts"
import { batchesOf } from "./result-batch.ts"
import { resultReader } from "./result-reader.ts"
import { BlobMissing, type NodeRecord, Store, type StoreApi, type StoreError } from "./store.ts"
import { attempting, layout, storeDatabase, trial } from "./store-database.ts"
import { inUse } from "./store-lock.ts"
import { prepareStatements } from "./store-sql.ts"

/** How much waits to be written at most. */
const flushAfter = { milliseconds: 500, nodes: 4000, bytes: 8 * 1024 * 1024 }

/** Milliseconds. A write transaction stays short, so that other processes get their turn. */
const longestTransaction = 20

/**
 * A store in one directory of a local file system, shared by any number of processes: an SQLite database (WAL) for results, the log
 * and small blobs, and files for large ones (all compressed where it helps; files are written aside, then renamed; not flushed:
 * what is read is verified). Writes are buffered and go out in short transactions, the rest when the scope closes; a killed process
 * loses about a second of work.
 */
export const directoryStore = (directory: string): Effect.Effect<StoreApi, StoreError, Scope.Scope> =>
  Effect.gen(function* () {
    const home = join(directory, layout)
    const trying = trial(directory)
    const attempt = attempting(directory)
    yield* inUse(directory, home)
    const database = yield* storeDatabase(directory, home)
    const statements = yield* attempt(() => prepareStatements(database))
    const results = resultReader(statements)
    const files = blobFiles(home)
    const stored = yield* attempt(() => blobReader(database, files))
    const bases = packBases(stored.pack)
    const buffer = {
      nodes: new Map<string, NodeRecord>(),
      blobs: new Map<Digest, Written>(),
      bytes: 0,
      since: 0
    }

    const inTurns = <A>(items: ReadonlyArray<A>, insert: (item: A) => void): void => {
      const left = items.values()
      for (let next = left.next(); !next.done; ) {
        statements.inTransaction(() => {
          const began = performance.now()
          for (; !next.done && performance.now() - began < longestTransaction; next = left.next()) insert(next.value)
        })
      }
    }
    const writeBlobs = (): void => {
      if (buffer.blobs.size === 0) return
      for (const written of Map.groupBy(buffer.blobs, ([, { by }]) => by).values()) {
        const blobs = written.map(([digest, { bytes }]) => [digest, bytes] as const)
        // Packed between transactions, not within one.
        for (const pack of packsOf(blobs, bases)) {
          const id = statements.inTransaction(() => statements.insertPack(pack))
          if (pack.base === null) bases.add(id, pack.lists)
        }
      }
      buffer.blobs.clear()
      buffer.bytes = 0
    }
    const writeBuffer = (): void => {
      // Blobs go before the nodes that name them.
      writeBlobs()
      if (buffer.nodes.size === 0) return
      inTurns(batchesOf(buffer.nodes.values()), statements.insertBatch)
      buffer.nodes.clear()
    }
    const noteWrite = (): void => {
      const now = performance.now()
      const { milliseconds, nodes, bytes } = flushAfter
      if (now - buffer.since < milliseconds && buffer.nodes.size < nodes && buffer.bytes < bytes) return
      buffer.since = now
      writeBuffer()
    }
    const flush = attempt(writeBuffer)
    // A long action may keep anyone from writing for minutes. An error shows at the next write.
    yield* Effect.forkScoped(Effect.repeat(Effect.ignore(flush), Schedule.spaced("1 second")))
    // Registered after the database's own finalizer, so it runs before it.
    yield* Effect.addFinalizer(() => Effect.ignore(flush))

    const readBytes = (digest: Digest): Uint8Array | undefined => buffer.blobs.get(digest)?.bytes ?? stored.blob(digest)
    const lentBytes = (digest: Digest): Uint8Array | undefined => buffer.blobs.get(digest)?.bytes ?? stored.lent(digest)
    const hasPacked = (digest: Digest): boolean => buffer.blobs.has(digest) || statements.hasBlob(digest)
    /** Compared, not only looked for: bytes that were damaged in the store are replaced by whoever has the right ones. */
    const isStored = (digest: Digest, bytes: Uint8Array): boolean => {
      const there = lentBytes(digest)
      return there !== undefined && Buffer.compare(there, bytes) === 0
    }
    /** In one go, since what is lent is there for no longer. */
    const verified = <A>(
      digest: Digest,
      read: (digest: Digest) => Uint8Array | undefined,
      see: (bytes: Uint8Array) => A
    ): Effect.Effect<A, StoreError | BlobMissing> =>
      Effect.suspend(() =>
        Either.match(
          trying(() => read(digest)),
          {
            onLeft: Effect.fail<StoreError | BlobMissing>,
            onRight: (bytes) => {
              if (bytes === undefined) return Effect.fail(new BlobMissing({ digest, damaged: false }))
              if (digestOf(bytes) === digest) return Effect.succeed(see(bytes))
              return Effect.zipRight(
                attempt(() => dropBlob(digest)),
                Effect.fail(new BlobMissing({ digest, damaged: true }))
              )
            }
          }
        )
      )
    const dropBlob = (digest: Digest): void => {
      if (sizeOf(digest) <= largestPacked) statements.deleteBlob(digest)
      else files.drop(digest)
    }

    return {
      lookup: (keys) =>
        attempt(() => {
          const hitOf = (key: string) => buffer.nodes.get(key) ?? results.hit(key)
          return keys.length === 1 ? keys.map(hitOf) : statements.reading(() => keys.map(hitOf))
        }),
      node: (key) => attempt(() => buffer.nodes.get(key) ?? results.node(key)),
      putNode: (node) =>
        attempt(() => {
          buffer.nodes.set(node.key, node)
          noteWrite()
        }),
      blob: (digest) => verified(digest, readBytes, (bytes) => bytes),
      lend: (digest, see) => verified(digest, lentBytes, see),
      putBlob: (bytes) =>
        attempt(() => {
          const digest = digestOf(bytes)
          if (isStored(digest, bytes)) return digest
          if (bytes.length > largestPacked) files.write(digest, bytes)
          else {
            // A copy: the caller may go on to use its buffer, or hand over a small piece of a large one.
            buffer.blobs.set(digest, { bytes: new Uint8Array(bytes), by: "" })
            buffer.bytes += bytes.length
            noteWrite()
          }
          return digest
        }),
      hasBlob: (digest) => attempt(() => (sizeOf(digest) > largestPacked ? files.has(digest) : hasPacked(digest))),
      startRun: (label, started) =>
        attempt(() =>
          statements.inTransaction(() => {
            statements.insertMoment(started)
            return statements.insertRun(label, started)
          })
        ),
      finishRun: (id, end) =>
        attempt(() => {
          writeBuffer()
          statements.inTransaction(() => {
            statements.insertMoment(end.finished)
            statements.updateRun(id, end)
          })
        }),
      run: (id) => attempt(() => statements.selectRun(id)),
      ranIn: (run) =>
        attempt(() => {
          writeBuffer()
          return statements.selectRan(run)
        }),
      lastSucceeded: (label, before) => attempt(() => statements.selectLastSucceeded(label, before)),
      recall: (name) => attempt(() => statements.selectMemory(name)),
      remember: (name, text) =>
        attempt(() => {
          // what it may name must not come to be there later than it
          writeBuffer()
          statements.upsertMemory(name, text)
        }),
      flush,
      shared: {
        home,
        unseen: (digest) => buffer.blobs.get(digest)?.bytes,
        flushBlobs: attempt(writeBlobs),
        putBlobs: (by, blobs) =>
          attempt(() => {
            for (const [digest, bytes] of blobs) {
              // What is computed again takes no more room.
              if (hasPacked(digest)) continue
              buffer.blobs.set(digest, { bytes, by })
              buffer.bytes += bytes.length
            }
            noteWrite()
          })
      }
    }
  })

/** A small blob that waits to be written. What another thread wrote goes into packs with others by the same rule, which are like it. */
interface Written {
  readonly bytes: Uint8Array
  /** A rule's name, or "" for what this thread wrote. */
  readonly by: string
}

export const layerDirectory = (directory: string): Layer.Layer<Store, StoreError> =>
  Layer.scoped(Store, directoryStore(directory))
