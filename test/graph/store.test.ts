import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { digestOf } from "../../graph/index.ts"
import { openDirectory, openMemory, openOverlay } from "../kit/engine-stores.ts"
import { storeConformance } from "../kit/store-conformance.ts"

const freshDirectory = () => mkdtempSync(join(tmpdir(), "distgraph-store-"))

storeConformance("memory", () => Promise.resolve(openMemory()))
storeConformance("an overlay", () => Promise.resolve(openOverlay()), { overlay: true })
storeConformance("a directory", async () => {
  const directory = freshDirectory()
  const opened = await openDirectory(directory)
  return {
    ...opened,
    close: async () => {
      await opened.close()
      rmSync(directory, { recursive: true })
    }
  }
})

describe("a directory", () => {
  it("keeps everything when it is closed and opened again", async () => {
    const directory = freshDirectory()
    const first = await openDirectory(directory)
    const blobs = [Buffer.from("small"), Buffer.alloc(400_000, "large")]
    const digests = blobs.map((bytes) => Effect.runSync(first.store.putBlob(bytes)))
    const run = Effect.runSync(first.store.startRun("f42", 5))
    await first.close()
    const second = await openDirectory(directory)
    expect(
      blobs.every((bytes, i) => bytes.equals(Effect.runSync(second.store.blob(digests[i] ?? digestOf(bytes)))))
    ).toBe(true)
    expect(Effect.runSync(second.store.run(run))?.label).toBe("f42")
    await second.close()
    rmSync(directory, { recursive: true })
  })

  it("shows what one process wrote out to another that has it open", async () => {
    const directory = freshDirectory()
    const [one, other] = [await openDirectory(directory), await openDirectory(directory)]
    const digest = Effect.runSync(one.store.putBlob(Buffer.from("shared")))
    Effect.runSync(one.store.flush)
    expect(Effect.runSync(other.store.hasBlob(digest))).toBe(true)
    await Promise.all([one.close(), other.close()])
    rmSync(directory, { recursive: true })
  })

  it("writes out by itself what nobody flushes", async () => {
    const directory = freshDirectory()
    const [one, other] = [await openDirectory(directory), await openDirectory(directory)]
    const digest = Effect.runSync(one.store.putBlob(Buffer.from("left lying")))
    await expect.poll(() => Effect.runSync(other.store.hasBlob(digest)), { timeout: 5000 }).toBe(true)
    await Promise.all([one.close(), other.close()])
    rmSync(directory, { recursive: true })
  })

  it("notices a result that was damaged, gives nothing of it, and takes it again", async () => {
    const directory = freshDirectory()
    const { close, corruptResult, store } = await openDirectory(directory)
    const key = "ab".repeat(32)
    const rule = { fingerprint: "f".repeat(64), name: "rule", version: 1, tools: {}, needs: [] }
    const node = { key, rule, input: "{}", output: "[1]", demands: [], run: 1, ownMs: 1, rerun: null }
    Effect.runSync(store.putNode(node))
    corruptResult(key)
    expect(Effect.runSync(store.lookup([key]))).toEqual([{ output: "", run: 1, damaged: true }])
    expect(Effect.runSync(store.node(key))).toBeUndefined()
    const again = { ...node, run: 2, rerun: "output-damaged" } as const
    Effect.runSync(Effect.zipRight(store.putNode(again), store.flush))
    expect(Effect.runSync(store.lookup([key]))).toEqual([{ output: "[1]", run: 2 }])
    expect(Effect.runSync(store.node(key))).toEqual(again)
    await close()
    rmSync(directory, { recursive: true })
  })

  it("notices that a result is another's", async () => {
    const directory = freshDirectory()
    const { close, exchangeResults, store } = await openDirectory(directory)
    const keys = ["ab".repeat(32), "cd".repeat(32)] as const
    const rule = { fingerprint: "f".repeat(64), name: "rule", version: 1, tools: {}, needs: [] }
    for (const key of keys) {
      const node = { key, rule, input: "{}", output: `"${key}"`, demands: [], run: 1, ownMs: 1, rerun: null }
      Effect.runSync(store.putNode(node))
    }
    exchangeResults(keys)
    expect(Effect.runSync(store.lookup(keys)).map((hit) => hit?.damaged)).toEqual([true, true])
    expect(keys.map((key) => Effect.runSync(store.node(key)))).toEqual([undefined, undefined])
    await close()
    rmSync(directory, { recursive: true })
  })

  it("clears away files that a killed process left half-written a day ago, not what is being written now", async () => {
    const directory = freshDirectory()
    await (await openDirectory(directory)).close()
    const incoming = join(directory, "v4/incoming")
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3600_000)
    for (const [name, age] of [
      ["old", hoursAgo(25)],
      ["new", hoursAgo(23)]
    ] as const) {
      writeFileSync(join(incoming, name), "half a blo")
      utimesSync(join(incoming, name), age, age)
    }
    await (await openDirectory(directory)).close()
    expect(readdirSync(incoming)).toEqual(["new"])
    rmSync(directory, { recursive: true })
  })

  it("says why it cannot be used, as an error", async () => {
    const failure = await openDirectory("/dev/null/store").catch((error: unknown) => String(error))
    expect(failure).toContain("the store /dev/null/store cannot be used: ENOTDIR")
  })
})

describe("an overlay", () => {
  it("reads what lies beneath it and leaves it as it is", () => {
    const below = openMemory()
    const before = Effect.runSync(below.store.putBlob(Buffer.from("before")))
    const overlay = openOverlay(below).store
    expect(Effect.runSync(overlay.hasBlob(before))).toBe(true)
    const after = Effect.runSync(overlay.putBlob(Buffer.from("after")))
    expect(Effect.runSync(overlay.hasBlob(after))).toBe(true)
    expect(Effect.runSync(below.store.hasBlob(after))).toBe(false)
  })
})
