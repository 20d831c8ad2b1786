import type { DatabaseSync } from "node:sqlite"
import type { AnyBlobCodec, Reference } from "../blob-codec.ts"
import type { BlobReader } from "../blob-reader.ts"
import { sizeOf } from "../digest.ts"
import { referencesIn } from "../references.ts"
import { linesOf, outputOf, traceIn } from "../result-batch.ts"
import type { AnyRule } from "../rule.ts"
import type { Census } from "./census.ts"

/** So much of a store. Bytes as they are stored, where several things are stored together in proportion. */
export interface Amount {
  readonly nodes: number
  readonly blobs: number
  readonly bytes: number
}

/**
 * Follows what nodes and blobs name through a census and marks it, each thing by the number of the group that came upon it first. What is
 * marked is closed: whatever it names is marked too, as far as it is there.
 */
export interface Marking {
  /** Of each node; -1 where it is not marked. */
  readonly nodeGroup: Int32Array
  /** Of each blob; -1 where it is not marked. */
  readonly blobGroup: Int32Array
  /** In bytes; of marked blobs that a reference named, else 0. */
  readonly blobSize: Uint32Array
  readonly addNode: (node: number, group: number) => void
  readonly addBlob: (blob: number, group: number) => void
  readonly addReferences: (references: ReadonlyArray<Reference>, group: number) => void
  /** What this group came upon is given up: it stays marked, until a group that is not given up comes upon it too. */
  readonly giveUp: (group: number) => void
  /** Whether a group has it that was not given up. */
  readonly keepsNode: (node: number) => boolean
  readonly keepsBlob: (blob: number) => boolean
  /** Goes on for about so many milliseconds; false where all that was added is followed to its end. */
  readonly work: (milliseconds: number) => boolean
  /** What a group came upon first. */
  readonly amount: (group: number) => Amount
}

/** `rules` by their fingerprints: a node of another can be marked, but what its result names is not known. */
export const marking = (
  census: Census,
  {
    blobs,
    database,
    rules
  }: {
    readonly rules: ReadonlyMap<string, AnyRule>
    readonly database: DatabaseSync
    readonly blobs: BlobReader
  }
): Marking => {
  const batchSelect = database.prepare("SELECT outputs, traces FROM batch WHERE id = ?")
  const nodeGroup = new Int32Array(census.nodes.length).fill(-1)
  const blobGroup = new Int32Array(census.blobs).fill(-1)
  const blobSize = new Uint32Array(census.blobs)
  const givenUp = new Set<number>()
  const amounts: Array<{ nodes: number; blobs: number; bytes: number }> = []
  /** Blobs that were followed, by the codec that read them: two may see another thing in the same bytes. */
  const followed = new Map<AnyBlobCodec, Set<number>>()
  let nodes: Array<number> = []
  let lists: Array<{ readonly blob: number; readonly reference: Reference; readonly group: number }> = []
  /** What is being worked on, from its end. What is stored together is read together. */
  let nodesNow: Array<number> = []
  let listsNow: typeof lists = []

  const amountOf = (group: number) => {
    amounts[group] ??= { nodes: 0, blobs: 0, bytes: 0 }
    return amounts[group]
  }
  /** Whether a group comes upon this first. */
  const isFirst = (group: number, before: number): boolean =>
    before === -1 || (givenUp.has(before) && !givenUp.has(group))
  const count = (group: number, part: "nodes" | "blobs", bytes: number, times: 1 | -1): void => {
    if (group === -1) return
    const amount = amountOf(group)
    amount[part] += times
    amount.bytes += times * bytes
  }
  const addNode = (node: number, group: number): void => {
    const before = nodeGroup[node] ?? 0
    if (node < 0 || !isFirst(group, before)) return
    nodeGroup[node] = group
    nodes.push(node)
    const batch = census.batches.get(batchOf(node))
    const bytes = nodeRow + (batch === undefined ? 0 : batch.bytes / Math.max(1, batch.nodes))
    count(before, "nodes", bytes, -1)
    count(group, "nodes", bytes, 1)
  }
  const addSized = (blob: number, group: number, size: number): void => {
    const before = blobGroup[blob] ?? 0
    if (blob < 0 || !isFirst(group, before)) return
    blobGroup[blob] = group
    if (size > 0) blobSize[blob] = size
    const bytes = storedBytes(blob, blobSize[blob] ?? 0)
    count(before, "blobs", bytes, -1)
    count(group, "blobs", bytes, 1)
  }
  const storedBytes = (blob: number, size: number): number => {
    if (blob >= census.packed.length) return census.files[blob - census.packed.length]?.bytes ?? 0
    const pack = census.packs.get(packOf(blob))
    return blobRow + (pack === undefined || pack.size === 0 ? 0 : (pack.bytes * size) / pack.size)
  }
  const addReferences = (references: ReadonlyArray<Reference>, group: number): void => {
    for (const reference of references) {
      const blob = census.blob(reference.digest)
      if (blob < 0) continue
      addSized(blob, group, sizeOf(reference.digest))
      if (blobSize[blob] === 0) blobSize[blob] = sizeOf(reference.digest)
      if (reference.codec.namesNothing) continue
      const seen = followed.get(reference.codec) ?? new Set()
      followed.set(reference.codec, seen)
      if (seen.has(blob)) continue
      seen.add(blob)
      lists.push({ blob, reference, group })
    }
  }

  const isKept = (group: number): boolean => group !== -1 && !givenUp.has(group)
  const batchOf = (node: number): number => census.batchOf[node] ?? 0
  const packOf = (blob: number): number => census.packOf[blob] ?? 0
  let open: { readonly batch: number; readonly outputs: Lines; readonly traces: Lines } | undefined
  const linesAt = (batch: number) => {
    if (open?.batch === batch) return open
    const row = batchSelect.get(batch)
    open = { batch, outputs: linesIn(row?.["outputs"]), traces: linesIn(row?.["traces"]) }
    return open
  }
  const followNode = (node: number): void => {
    const batch = batchOf(node)
    const group = nodeGroup[node] ?? -1
    const { outputs, traces } = linesAt(batch)
    const slot = census.slotOf[node] ?? 0
    const [output, trace] = [outputs[slot], traces[slot]]
    // a damaged one is no hit
    if (output === undefined || trace === undefined) return
    const rule = rules.get(census.batches.get(batch)?.fingerprint ?? "")
    const { demands, input } = traceIn(trace)
    for (const { key } of demands) addNode(census.nodes.find(key), group)
    if (rule === undefined) return
    addReferences(referencesIn(rule.output, JSON.parse(outputOf(output))), group)
    // What explanations compare, and what a rerun needs that came from outside the graph.
    addReferences(referencesIn(rule.input, JSON.parse(input)), group)
  }
  const followList = ({ group, reference }: (typeof lists)[number]): void => {
    const bytes = blobs.blob(reference.digest)
    if (bytes !== undefined) addReferences(referencesOf(reference, bytes), group)
  }

  return {
    nodeGroup,
    blobGroup,
    blobSize,
    addNode,
    addBlob: (blob, group) => addSized(blob, group, 0),
    addReferences,
    giveUp: (group) => {
      givenUp.add(group)
      followed.clear()
    },
    keepsNode: (node) => isKept(nodeGroup[node] ?? -1),
    keepsBlob: (blob) => isKept(blobGroup[blob] ?? -1),
    work: (milliseconds) => {
      const until = performance.now() + milliseconds
      while (performance.now() < until) {
        const node = nodesNow.pop()
        if (node !== undefined) {
          followNode(node)
          continue
        }
        const list = listsNow.pop()
        if (list !== undefined) {
          followList(list)
          continue
        }
        if (nodes.length === 0 && lists.length === 0) return false
        nodesNow = nodes.sort((a, b) => batchOf(a) - batchOf(b))
        listsNow = lists.sort((a, b) => packOf(a.blob) - packOf(b.blob))
        nodes = []
        lists = []
      }
      return true
    },
    amount: (group) => ({ ...amountOf(group), bytes: Math.round(amountOf(group).bytes) })
  }
}

/** Bytes that a row takes in its table beside what it leads to. */
const nodeRow = 40
const blobRow = 35

type Lines = ReadonlyArray<string>

const linesIn = (stored: unknown): Lines => (stored instanceof Uint8Array ? (linesOf(stored) ?? []) : [])

/** None where the bytes are damaged: whoever reads them will see it too, and nothing is kept for their sake. */
const referencesOf = ({ codec }: Reference, bytes: Uint8Array): ReadonlyArray<Reference> => {
  try {
    return codec.referencesIn(bytes)
  } catch {
    return []
  }
}
