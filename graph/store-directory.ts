import { statfsSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect, Layer, Schedule, type Scope } from "effect"
import { blobFiles, makeBlobFolders } from "./blob-files.ts"
import { blobReader } from "./blob-reader.ts"
import { type Digest, digestOf, hashOf, sizeOf } from "./digest.ts"
import { largestPacked, type Pack, packsOf } from "./pack.ts"
import { BlobMissing, type NodeRecord, Store, type StoreApi, StoreError } from "./store.ts"
import { prepareStatements, schema } from "./store-sql.ts"

/** Part of the directory's path, so that another layout starts afresh beside the old one and needs no migration. */
const layout = "v3"

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
    const attempt = <A>(run: () => A): Effect.Effect<A, StoreError> =>
      Effect.try({
        try: run,
        catch: (cause) => new StoreError({ store: directory, reason: reasonOf(cause) })
      })
    const database = yield* Effect.acquireRelease(
      // Turning a new database to WAL needs it alone and, unlike all else, does not wait for others that do the same.
      Effect.retry(
        attempt(() => openDatabase(home)),
        { while: ({ reason }) => reason.includes("database is locked"), schedule: opening }
      ),
      (open) => Effect.sync(() => open.close())
    )
    const statements = yield* attempt(() => prepareStatements(database))
    const files = blobFiles(home)
    const readStored = yield* attempt(() => blobReader(database, files))
    const buffer = {
      nodes: new Map<string, NodeRecord>(),
      blobs: new Map<Digest, Uint8Array>(),
      /** From other threads. */
      packs: [] as Pack[],
      /** What is in them. */
      packed: new Set<Digest>(),
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
    /** A pack without the blobs that are there already, so that what is computed again takes no more room. */
    const insertNew = ({ blobs, ...pack }: Pack): void => {
      const fresh = blobs.filter(({ digest }) => !statements.hasBlob(hashOf(digest)))
      if (fresh.length > 0) statements.insertPack({ ...pack, blobs: fresh })
    }
    const writeBlobs = (): void => {
      if (buffer.blobs.size === 0 && buffer.packs.length === 0) return
      // Packed before a transaction begins.
      const packs = [
        ...packsOf(buffer.blobs).map((pack) => [pack, statements.insertPack] as const),
        ...buffer.packs.map((pack) => [pack, insertNew] as const)
      ]
      inTurns(packs, ([pack, insert]) => insert(pack))
      buffer.blobs.clear()
      buffer.packs = []
      buffer.packed.clear()
      buffer.bytes = 0
    }
    const writeBuffer = (): void => {
      // Blobs go before the nodes that name them.
      writeBlobs()
      if (buffer.nodes.size === 0) return
      inTurns([...buffer.nodes.values()], statements.insertNode)
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

    const readBytes = (digest: Digest): Uint8Array | undefined => {
      const buffered = buffer.blobs.get(digest)
      if (buffered !== undefined) return buffered
      if (buffer.packed.has(digest)) writeBlobs()
      return readStored(digest)
    }
    /** Compared, not only looked for: bytes that were damaged in the store are replaced by whoever has the right ones. */
    const isStored = (digest: Digest, bytes: Uint8Array): boolean => {
      const stored = readBytes(digest)
      return stored !== undefined && Buffer.compare(stored, bytes) === 0
    }
    const dropBlob = (digest: Digest): void => {
      if (sizeOf(digest) <= largestPacked) statements.deleteBlob(hashOf(digest))
      else files.drop(digest)
    }

    return {
      lookup: (keys) =>
        attempt(() => {
          const hitOf = (key: string) => buffer.nodes.get(key) ?? statements.selectHit(key)
          return keys.length === 1 ? keys.map(hitOf) : statements.reading(() => keys.map(hitOf))
        }),
      node: (key) => attempt(() => buffer.nodes.get(key) ?? statements.selectNode(key)),
      putNode: (node) =>
        attempt(() => {
          buffer.nodes.set(node.key, node)
          noteWrite()
        }),
      blob: (digest) =>
        Effect.flatMap(
          attempt(() => readBytes(digest)),
          (bytes) => {
            if (bytes === undefined) return Effect.fail(new BlobMissing({ digest, damaged: false }))
            if (digestOf(bytes) === digest) return Effect.succeed(bytes)
            return Effect.zipRight(
              attempt(() => dropBlob(digest)),
              Effect.fail(new BlobMissing({ digest, damaged: true }))
            )
          }
        ),
      putBlob: (bytes) =>
        attempt(() => {
          const digest = digestOf(bytes)
          if (isStored(digest, bytes)) return digest
          if (bytes.length > largestPacked) files.write(digest, bytes)
          else {
            // A copy: the caller may go on to use its buffer, or hand over a small piece of a large one.
            buffer.blobs.set(digest, new Uint8Array(bytes))
            buffer.bytes += bytes.length
            noteWrite()
          }
          return digest
        }),
      hasBlob: (digest) =>
        attempt(() =>
          sizeOf(digest) > largestPacked
            ? files.has(digest)
            : buffer.blobs.has(digest) || buffer.packed.has(digest) || statements.hasBlob(hashOf(digest))
        ),
      startRun: (label, started) => attempt(() => statements.insertRun(label, started)),
      finishRun: (id, end) =>
        attempt(() => {
          writeBuffer()
          statements.updateRun(id, end)
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
        unseen: (digest) => buffer.blobs.get(digest),
        flushBlobs: attempt(writeBlobs),
        putPacks: (packs) =>
          attempt(() => {
            buffer.packs.push(...packs)
            for (const { blobs, bytes } of packs) {
              buffer.bytes += bytes.length
              for (const { digest } of blobs) buffer.packed.add(digest)
            }
            noteWrite()
          })
      }
    }
  })

const SQLITE_CORRUPT = 11
const SQLITE_NOTADB = 26

const reasonOf = (cause: unknown): string => {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const code = cause instanceof Error && "errcode" in cause ? Number(cause.errcode) & 0xff : 0
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB
    ? `its database is damaged (${reason}); delete the directory: all that it holds is computed anew`
    : reason
}

export const layerDirectory = (directory: string): Layer.Layer<Store, StoreError> =>
  Layer.scoped(Store, directoryStore(directory))

/** Half a minute in all, as long as any other wait for the database. */
const opening = Schedule.intersect(Schedule.jittered(Schedule.spaced("30 millis")), Schedule.recurs(1000))

const networkFileSystems: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xfe534d42, "SMB"],
  [0xff534d42, "CIFS"]
])

const openDatabase = (home: string): DatabaseSync => {
  makeBlobFolders(home)
  const network = networkFileSystems.get(statfsSync(home).type)
  if (network !== undefined) {
    throw new Error(`it lies on ${network}, where SQLite's locks are not reliable; choose a directory of a local disk`)
  }
  const database = new DatabaseSync(join(home, "store.db"), { timeout: 30_000 })
  try {
    database.exec(schema)
    return database
  } catch (cause) {
    database.close()
    throw cause
  }
}
