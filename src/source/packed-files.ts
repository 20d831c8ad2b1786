import { type Digest, hashOf } from "../../graph/index.ts"
import { witnessDigest } from "./witnesses.ts"

/** A package file and its witness. */
export interface WitnessedFile {
  /** Relative to the directory. */
  readonly path: string
  readonly witness: string
}

/**
 * Files to be found by the digest of their content, of several alike the last. They lie in one piece of memory, since an export holds them
 * to its end, and 70,000 as objects in a map take three times as much, all of which the garbage collector goes through each time.
 */
export const packFiles = (files: ReadonlyArray<WitnessedFile>): ((digest: Digest) => WitnessedFile | undefined) => {
  const rows = files.map((file) => ({ file, digest: witnessDigest(file.witness) }))
  rows.sort((a, b) => (a.digest < b.digest ? -1 : a.digest > b.digest ? 1 : 0))
  const hashes = Buffer.alloc(rows.length * hashBytes)
  const ends = new Uint32Array(rows.length)
  const texts = Buffer.concat(
    rows.map(({ file, digest }, index) => {
      hashes.write(hashOf(digest), index * hashBytes, "hex")
      const text = Buffer.from(`${file.witness}\t${file.path}`)
      ends[index] = (ends[index - 1] ?? 0) + text.length
      return text
    })
  )
  return (digest) => {
    const wanted = Buffer.from(hashOf(digest), "hex")
    const index = lastUpTo(hashes, wanted)
    const text = texts.toString("utf8", ends[index - 1] ?? 0, ends[index] ?? 0)
    const tab = text.indexOf("\t")
    const file = { witness: text.slice(0, tab), path: text.slice(tab + 1) }
    return index >= 0 && witnessDigest(file.witness) === digest ? file : undefined
  }
}

const hashBytes = 32

/** The place of the last hash that is not above another; -1 where all are. */
const lastUpTo = (hashes: Buffer, wanted: Buffer): number => {
  let low = 0
  let high = hashes.length / hashBytes
  while (low < high) {
    const middle = (low + high) >> 1
    const at = middle * hashBytes
    if (hashes.compare(wanted, 0, hashBytes, at, at + hashBytes) <= 0) low = middle + 1
    else high = middle
  }
  return low - 1
}
