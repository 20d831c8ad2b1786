import { randomUUID } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { compressed, expanded } from "./compressed.ts"
import { type Digest, sizeOf } from "./digest.ts"

/** The large blobs of a store's directory: a file each, compressed where it helps, written aside and renamed, not flushed. */
export interface BlobFiles {
  readonly has: (digest: Digest) => boolean
  /** Undefined where there is none; the bytes are not verified. */
  readonly read: (digest: Digest) => Uint8Array | undefined
  readonly write: (digest: Digest, bytes: Uint8Array) => void
  readonly drop: (digest: Digest) => void
}

/** Those of the store that has its home here; the directories are there already ({@link makeBlobFolders}). */
export const blobFiles = (home: string): BlobFiles => {
  const fileOf = (digest: Digest): string => join(home, "blobs", digest.slice(0, 2), digest.slice(2, 64))
  return {
    has: (digest) => existsSync(fileOf(digest)),
    read: (digest) => {
      const file = fileOf(digest)
      return existsSync(file) ? expanded(readFileSync(file), sizeOf(digest)) : undefined
    },
    write: (digest, bytes) => {
      const file = fileOf(digest)
      mkdirSync(dirname(file), { recursive: true })
      const aside = join(home, "incoming", randomUUID())
      writeFileSync(aside, compressed(bytes))
      renameSync(aside, file)
    },
    drop: (digest) => rmSync(fileOf(digest), { force: true })
  }
}

/** Makes the directories, and removes what killed processes left in them. */
export const makeBlobFolders = (home: string): void => {
  mkdirSync(join(home, "blobs"), { recursive: true })
  const incoming = join(home, "incoming")
  mkdirSync(incoming, { recursive: true })
  for (const name of readdirSync(incoming)) {
    const left = join(incoming, name)
    const age = Date.now() - (statSync(left, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY)
    if (age > abandonedAfter) rmSync(left, { force: true })
  }
}

/** Milliseconds. Nobody takes a day to write a file. */
const abandonedAfter = 24 * 3600 * 1000
