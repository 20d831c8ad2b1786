import { parentPort } from "node:worker_threads"
import { type FileToHash, hashFile } from "./hash-file.ts"

// A worker thread that reads files: a batch comes, its results go. It imports nothing that takes time to load.
parentPort?.on("message", ({ algorithm, files }: HashBatch) => {
  parentPort?.postMessage(files.map((file) => hashFile(file, algorithm)))
})

/** What a worker is asked: files, and the checksum that is wanted beside sha256. */
export interface HashBatch {
  readonly files: ReadonlyArray<FileToHash>
  readonly algorithm: string | null
}
