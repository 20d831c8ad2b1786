import { Worker } from "node:worker_threads"
import { Effect } from "effect"
import { longestDeaf, nextTurn } from "../../graph/index.ts"
import { type FileToHash, type HashedFile, hashFile } from "./hash-file.ts"
import type { HashBatch } from "./hash-worker.ts"

export interface HashOptions {
  /** A checksum that is wanted beside sha256, by Node's name of it. */
  readonly algorithm: string | null
  /** How many threads may read at once. */
  readonly workers: number
  /** The file that a worker thread runs: `hash-worker.ts`, or what a bundler made of it. */
  readonly workerEntry: URL
  /** Told now and then how many files are read. */
  readonly onHashed?: (files: number) => void
}

/** Reads files in full, on all cores where there is enough to read. Results are in the files' order; a text is why there is none. */
export const hashFiles = (
  files: ReadonlyArray<FileToHash & { readonly size: number }>,
  options: HashOptions
): Effect.Effect<ReadonlyArray<HashedFile | string>> => {
  const batches = batchesOf(files)
  const workers = Math.min(options.workers, batches.length)
  return workers < 2 ? hashHere(files, options) : hashOnWorkers(batches, workers, options)
}

/** A worker takes some 20 ms to start, in which one thread reads about this much. */
const batchLimits = { files: 32, bytes: 16 * 1024 * 1024 }

const batchesOf = <File extends { readonly size: number }>(
  files: ReadonlyArray<File>
): ReadonlyArray<ReadonlyArray<File>> => {
  const batches: Array<Array<File>> = []
  let bytes = Number.POSITIVE_INFINITY
  for (const file of files) {
    const last = batches.at(-1)
    if (last === undefined || last.length >= batchLimits.files || bytes + file.size > batchLimits.bytes) {
      batches.push([file])
      bytes = file.size
    } else {
      last.push(file)
      bytes += file.size
    }
  }
  return batches
}

const hashHere = (files: ReadonlyArray<FileToHash>, { algorithm, onHashed = () => {} }: HashOptions) =>
  Effect.gen(function* () {
    const hashed: Array<HashedFile | string> = []
    let paused = performance.now()
    for (const { path, stat } of files) {
      hashed.push(hashFile({ path, stat }, algorithm))
      if (performance.now() - paused < longestDeaf) continue
      onHashed(hashed.length)
      yield* nextTurn
      paused = performance.now()
    }
    return hashed
  })

const hashOnWorkers = (
  batches: ReadonlyArray<ReadonlyArray<FileToHash>>,
  workers: number,
  options: HashOptions
): Effect.Effect<ReadonlyArray<HashedFile | string>> =>
  Effect.acquireUseRelease(
    Effect.sync(() => Array.from({ length: workers }, () => new Worker(options.workerEntry))),
    (threads) => answersOf(threads, batches, options),
    (threads) => Effect.promise(() => Promise.all(threads.map((thread) => thread.terminate())))
  )

/** Each thread is given the next batch when it is done with one. */
const answersOf = (
  threads: ReadonlyArray<Worker>,
  batches: ReadonlyArray<ReadonlyArray<FileToHash>>,
  { algorithm, onHashed = () => {} }: HashOptions
): Effect.Effect<ReadonlyArray<HashedFile | string>> =>
  Effect.async((resume) => {
    const answers: Array<ReadonlyArray<HashedFile | string>> = []
    let next = 0
    let answered = 0
    let files = 0
    for (const thread of threads) {
      let asked = 0
      const ask = (): void => {
        const batch = batches[next]
        if (batch === undefined) return
        asked = next
        next += 1
        thread.postMessage({ algorithm, files: batch.map(({ path, stat }) => ({ path, stat })) } satisfies HashBatch)
      }
      thread.on("message", (answer: ReadonlyArray<HashedFile | string>) => {
        answers[asked] = answer
        answered += 1
        files += answer.length
        onHashed(files)
        if (answered === batches.length) resume(Effect.succeed(answers.flat()))
        else ask()
      })
      // nothing that a worker does throws: a bug, or a machine without memory
      thread.on("error", (cause) => resume(Effect.die(cause)))
      ask()
    }
  })
