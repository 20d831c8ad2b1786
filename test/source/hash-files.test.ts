import { createHash } from "node:crypto"
import { mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Fiber } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { fileStat } from "../../src/source/find-packages.ts"
import { type HashedFile, hashFile, markFile, statText } from "../../src/source/hash-file.ts"
import { hashFiles } from "../../src/source/hash-files.ts"

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "distgraph-hash-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

const MiB = 1024 * 1024
const content = (length: number, seed: number): Buffer => Buffer.alloc(length, `some text ${seed} `)
const write = (name: string, bytes: Uint8Array) => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return fileAt(path)
}
const fileAt = (path: string) => {
  const stat = fileStat(statSync(path, { bigint: true }))
  return { path, stat: statText(stat), size: stat.size }
}
const digest = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest("hex")
const workerEntry = new URL("../../src/source/hash-worker.ts", import.meta.url)
const sums = (hashed: HashedFile | string | undefined) =>
  typeof hashed === "object" ? [hashed.sha256, hashed.checksum] : hashed

describe("a file's checksums", () => {
  it.each([0, 1, 4095, 4096, MiB - 1, MiB, MiB + 1, 3 * MiB + 17])("are those of its %i bytes", (length) => {
    const bytes = content(length, length)
    const file = write(`file-${length}`, bytes)
    expect(sums(hashFile(file, null))).toEqual([digest("sha256", bytes), ""])
    expect(sums(hashFile(file, "sha512"))).toEqual([digest("sha256", bytes), digest("sha512", bytes)])
  })

  it("come with a mark of the file's start, which its end does not change", () => {
    const bytes = content(2 * MiB, 1)
    const file = write("marked", bytes)
    const mark = markFile(file)
    expect(hashFile(file, null)).toMatchObject({ mark })
    bytes.writeUInt8(0, 5000)
    expect(markFile(write("marked", bytes))).toBe(mark)
    bytes.writeUInt8(0, 4000)
    expect(markFile(write("marked", bytes))).not.toBe(mark)
  })

  it("are not told of a file that is gone or not the one that was found", () => {
    const file = write("other", content(100, 1))
    renameSync(join(folder, "other"), join(folder, "moved"))
    expect(hashFile(file, null)).toBe("no such file or directory")
    write("other", content(100, 2))
    expect(hashFile(file, null)).toBe("it changed while it was read; run again when it is complete")
    expect(markFile(file)).toBe("it changed while it was read; run again when it is complete")
  })
})

describe("many files", () => {
  it.each([1, 2, 4])("are hashed by %i threads in their order, large and small, good and bad", async (workers) => {
    const files = Array.from({ length: 150 }, (_, index) => {
      const bytes = content(index % 40 === 0 ? 2 * MiB : index * 100, index)
      return { file: write(`many-${index}`, bytes), expected: digest("sha256", bytes) }
    })
    const gone = { file: { ...fileAt(join(folder, "many-7")), path: join(folder, "gone") }, expected: null }
    const all = [...files.slice(0, 70), gone, ...files.slice(70)]
    let told = 0
    const hashed = await Effect.runPromise(
      hashFiles(
        all.map(({ file }) => file),
        { algorithm: null, workers, workerEntry, onHashed: (count) => (told = count) }
      )
    )
    expect(hashed.map((result) => (typeof result === "string" ? null : result.sha256))).toEqual(
      all.map(({ expected }) => expected)
    )
    if (workers > 1) expect(told).toBe(all.length)
  })

  it("of which there are none need no thread", async () => {
    expect(await Effect.runPromise(hashFiles([], { algorithm: null, workers: 4, workerEntry }))).toEqual([])
  })

  it.each([1, 4])("are no longer read by %i threads once the reader is interrupted", async (workers) => {
    const files = Array.from({ length: 64 }, (_, index) => write(`slow-${index}`, content(4 * MiB, index)))
    const begun = Promise.withResolvers<void>()
    let told = 0
    const onHashed = (count: number): void => {
      told = count
      begun.resolve()
    }
    const fiber = Effect.runFork(hashFiles(files, { algorithm: null, workers, workerEntry, onHashed }))
    await begun.promise
    await Effect.runPromise(Fiber.interrupt(fiber))
    const then = told
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(told).toBe(then)
    expect(told).toBeLessThan(files.length)
  })
})
