import { readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import type { DatabaseSync } from "node:sqlite"
import { transaction } from "../store-sql.ts"
import { packsLeft } from "./packs-left.ts"
import { recentSince } from "./states.ts"
import type { Survey } from "./survey.ts"

/**
 * Removes what a survey says goes, step by step: first what names others, results and what is remembered, then blobs, so that what is
 * there is complete after each step. Nobody else may have the store open. Gives its steps one by one: whoever takes them may stop at any.
 */
export function* sweep(
  database: DatabaseSync,
  home: string,
  { census, judgements, marks, memories }: Survey,
  { keepWithin, now }: { readonly keepWithin: number; readonly now: number }
): Generator<void> {
  const step = (body: () => void): void => transaction(database, "BEGIN IMMEDIATE", body)
  const memoryDelete = database.prepare("DELETE FROM memory WHERE name = ?")
  step(() => {
    for (const { kept, name } of memories) if (!kept) memoryDelete.run(name)
  })
  yield

  const nodeDelete = database.prepare("DELETE FROM node WHERE key = ?")
  const batchesLeft = new Set<number>()
  for (const rows of inParts(census.nodes.length)) {
    step(() => {
      for (const node of rows) {
        if (marks.keepsNode(node)) batchesLeft.add(census.batchOf[node] ?? 0)
        else nodeDelete.run(census.nodes.bytesOf(node))
      }
    })
    yield
  }
  const batchDelete = database.prepare("DELETE FROM batch WHERE id = ?")
  step(() => {
    for (const id of census.batches.keys()) if (!batchesLeft.has(id)) batchDelete.run(id)
  })
  yield

  const blobDelete = database.prepare("DELETE FROM blob WHERE hash = ?")
  for (const rows of inParts(census.packed.length)) {
    step(() => {
      for (const blob of rows) if (!marks.keepsBlob(blob)) blobDelete.run(census.packed.bytesOf(blob))
    })
    yield
  }
  const packDelete = database.prepare("DELETE FROM pack WHERE id = ?")
  const { needed } = packsLeft(census, marks)
  for (const packs of inParts(census.packs.size, packsAtOnce, [...census.packs.keys()])) {
    step(() => {
      for (const id of packs) if (!needed.has(id)) packDelete.run(id)
    })
    yield
  }
  for (const [at, { path }] of census.files.entries()) {
    if (marks.keepsBlob(census.packed.length + at)) continue
    rmSync(path, { force: true })
    yield
  }
  // Nobody is writing: they are of processes that were killed.
  for (const name of strayFiles(home)) rmSync(join(home, "incoming", name), { force: true })
  yield

  const since = recentSince({ keepWithin }, now)
  const states = new Set(judgements.flatMap(({ kept, state }) => (kept ? [state.run] : [])))
  const computed = new Set([...batchesLeft].map((id) => census.batches.get(id)?.run))
  const runDelete = database.prepare("DELETE FROM run WHERE id = ?")
  step(() => {
    for (const { finished, id, started } of census.runs) {
      const stays = states.has(id) || computed.has(id) || (finished ?? started) >= since
      if (!stays) runDelete.run(id)
    }
    database.exec("DELETE FROM rule WHERE id NOT IN (SELECT rule FROM batch)")
    // one of before is needed to tell which packs are older than it
    database.prepare("DELETE FROM moment WHERE at < (SELECT max(at) FROM moment WHERE at <= ?)").run(since)
  })
  yield
}

/** What was being written into the store at `home`, or was left when a process was killed. */
export const strayFiles = (home: string): ReadonlyArray<string> => readdirSync(join(home, "incoming"))

/** The numbers from 0 on, or these, some thousands at a time. */
function* inParts(
  length: number,
  size: number = rowsAtOnce,
  numbers?: ReadonlyArray<number>
): Generator<ReadonlyArray<number>> {
  for (let from = 0; from < length; from += size) {
    const count = Math.min(size, length - from)
    yield Array.from({ length: count }, (_, at) => (numbers === undefined ? from + at : (numbers[from + at] ?? 0)))
  }
}

const rowsAtOnce = 10_000
const packsAtOnce = 200
