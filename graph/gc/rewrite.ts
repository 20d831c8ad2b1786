import type { DatabaseSync } from "node:sqlite"
import type { BlobReader } from "../blob-reader.ts"
import { sealed } from "../compressed.ts"
import { type Digest, digestOf, hashOf } from "../digest.ts"
import { packsOf } from "../pack.ts"
import { packBases } from "../pack-bases.ts"
import { linesOf, traceIn } from "../result-batch.ts"
import { prepareStatements, transaction } from "../store-sql.ts"
import { packsLeft, worthwhile } from "./packs-left.ts"
import type { Survey } from "./survey.ts"

/**
 * Writes packs and batches anew of which a good part is gone, and gives the room back to the file system. Others may use the store
 * meanwhile: what moves is in its new place before it leaves the old one, in one transaction. Gives its steps one by one.
 */
export function* rewrite(database: DatabaseSync, blobs: BlobReader, survey: Survey): Generator<void> {
  yield* rewriteBatches(database, survey)
  yield* rewritePacks(database, blobs, survey)
  yield* giveRoomBack(database)
}

function* rewriteBatches(database: DatabaseSync, { census, marks }: Survey): Generator<void> {
  const kept = new Map<number, Array<number>>()
  for (let node = 0; node < census.nodes.length; node += 1) {
    if (!marks.keepsNode(node)) continue
    const id = census.batchOf[node] ?? 0
    const nodes = kept.get(id)
    if (nodes === undefined) kept.set(id, [node])
    else nodes.push(node)
  }
  const select = database.prepare("SELECT outputs, traces FROM batch WHERE id = ?")
  const insert = database.prepare(
    `INSERT INTO batch (run, rule, nodes, own_ms, outputs, traces)
     SELECT run, rule, ?, ?, ?, ? FROM batch WHERE id = ? RETURNING id`
  )
  const move = database.prepare("UPDATE node SET batch = ?, slot = ? WHERE key = ? AND batch = ?")
  const remove = database.prepare("DELETE FROM batch WHERE id = ?")
  for (const [id, nodes] of kept) {
    const before = census.batches.get(id)?.nodes ?? 0
    if (before - nodes.length < before * worthwhile) continue
    const row = select.get(id)
    const [outputs, traces] = [linesIn(row?.["outputs"]), linesIn(row?.["traces"])]
    // A damaged one stays as it is: a hit in it is found to be damaged and computed anew.
    if (outputs === undefined || traces === undefined) continue
    const slots = nodes.map((node) => census.slotOf[node] ?? 0)
    const pick = (lines: ReadonlyArray<string>) => slots.map((slot) => lines[slot] ?? "")
    const ownMs = pick(traces).reduce((sum, line) => sum + traceIn(line).ownMs, 0)
    transaction(database, "BEGIN IMMEDIATE", () => {
      const content = [sealed(pick(outputs).join("\n")), sealed(pick(traces).join("\n"))] as const
      const made = Number(insert.get(nodes.length, ownMs, ...content, id)?.["id"])
      for (const [slot, node] of nodes.entries()) move.run(made, slot, census.nodes.bytesOf(node), id)
      remove.run(id)
    })
    yield
  }
}

function* rewritePacks(database: DatabaseSync, blobs: BlobReader, { census, marks }: Survey): Generator<void> {
  const { rewritten } = packsLeft(census, marks)
  const moving: Array<number> = []
  const left = new Map<number, number>()
  for (let blob = 0; blob < census.packed.length; blob += 1) {
    const pack = census.packOf[blob] ?? 0
    if (!marks.keepsBlob(blob) || !rewritten.has(pack)) continue
    moving.push(blob)
    left.set(pack, (left.get(pack) ?? 0) + 1)
  }
  const placeOf = (blob: number) => [census.packOf[blob] ?? 0, census.startOf[blob] ?? 0] as const
  moving.sort((a, b) => placeOf(a)[0] - placeOf(b)[0] || placeOf(a)[1] - placeOf(b)[1])

  const { insertPack } = prepareStatements(database)
  const drop = database.prepare("DELETE FROM blob WHERE hash = ? AND pack = ?")
  const remove = database.prepare("DELETE FROM pack WHERE id = ?")
  const isBase = new Set([...rewritten].flatMap((id) => census.packs.get(id)?.base ?? []))
  const cameFrom = new Map<Digest, number>()
  const leaves = (pack: number): void => {
    const more = (left.get(pack) ?? 0) - 1
    left.set(pack, more)
    if (more === 0 && !isBase.has(pack)) remove.run(pack)
  }
  function* moved(): Generator<readonly [Digest, Uint8Array]> {
    for (const blob of moving) {
      const [pack, start] = placeOf(blob)
      const whole = blobs.pack(pack)
      // a copy: it outlives the pack, whose memory is given back
      const bytes = whole && new Uint8Array(whole.subarray(start, start + (marks.blobSize[blob] ?? 0)))
      const digest = bytes === undefined ? undefined : digestOf(bytes)
      if (bytes !== undefined && digest !== undefined && isOf(digest, census.packed.bytesOf(blob))) {
        cameFrom.set(digest, pack)
        yield [digest, bytes]
      } else {
        // Damaged. Whoever misses it has it computed anew.
        transaction(database, "BEGIN IMMEDIATE", () => {
          drop.run(census.packed.bytesOf(blob), pack)
          leaves(pack)
        })
      }
    }
  }
  const bases = packBases(blobs.pack)
  for (const pack of packsOf(moved(), bases)) {
    transaction(database, "BEGIN IMMEDIATE", () => {
      const id = insertPack(pack)
      if (pack.base === null) bases.add(id, pack.lists)
      for (const { digest } of pack.blobs) {
        const from = cameFrom.get(digest)
        cameFrom.delete(digest)
        if (from !== undefined) leaves(from)
      }
    })
    yield
  }
  transaction(database, "BEGIN IMMEDIATE", () => {
    for (const id of rewritten) if (isBase.has(id) || !left.has(id)) remove.run(id)
  })
  yield
}

/** In short transactions, so that others get their turn. */
function* giveRoomBack(database: DatabaseSync): Generator<void> {
  const free = database.prepare("PRAGMA freelist_count")
  for (let before = Number.POSITIVE_INFINITY; ; ) {
    const pages = Number(free.get()?.["freelist_count"] ?? 0)
    if (pages === 0 || pages >= before) break
    before = pages
    database.exec(`PRAGMA incremental_vacuum(${pagesAtOnce})`)
    yield
  }
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)")
  yield
}

/** Two MiB. */
const pagesAtOnce = 512

const isOf = (digest: Digest, row: Uint8Array): boolean =>
  Buffer.from(hashOf(digest).slice(0, 2 * row.length), "hex").equals(row)

const linesIn = (stored: unknown): ReadonlyArray<string> | undefined =>
  stored instanceof Uint8Array ? linesOf(stored) : undefined
