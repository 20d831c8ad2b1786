import { Cause, Effect, Either, Exit, Option } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { digestOf, hashOf, makeDigest, type NodeRecord, type StoreApi } from "../../graph/index.ts"
import type { OpenStore } from "./engine-stores.ts"

/** What every store must do, whatever it is made of. An `overlay` keeps no log, and nothing but itself reaches what it holds. */
export const storeConformance = (name: string, open: () => Promise<OpenStore>, { overlay = false } = {}): void => {
  describe(`${name} as a store`, () => {
    let opened: OpenStore
    let store: StoreApi
    beforeEach(async () => {
      opened = await open()
      store = opened.store
    })
    afterEach(() => opened.close())

    const small = Buffer.from("a small blob")
    const large = Buffer.alloc(400_000, "a large blob ")
    const lend: NonNullable<StoreApi["lend"]> = (digest, see) =>
      store.lend?.(digest, see) ?? Effect.map(store.blob(digest), see)
    const missing = async (blob: Uint8Array) => Effect.runSync(Effect.either(store.blob(digestOf(blob))))

    it.each([
      ["empty", Buffer.alloc(0)],
      ["small", small],
      ["of 256 KiB", Buffer.alloc(256 * 1024, "x")],
      ["of 256 KiB and a byte", Buffer.alloc(256 * 1024 + 1, "x")],
      ["large", large]
    ])("gives back a blob that is %s, under the digest of its bytes", async (_, bytes) => {
      const digest = await Effect.runPromise(store.putBlob(bytes))
      expect(digest).toBe(digestOf(bytes))
      expect(bytes.equals(Effect.runSync(store.blob(digest)))).toBe(true)
      expect(Effect.runSync(store.hasBlob(digest))).toBe(true)
      Effect.runSync(store.flush)
      expect(bytes.equals(Effect.runSync(store.blob(digest)))).toBe(true)
      expect(Effect.runSync(lend(digest, (lent) => bytes.equals(lent)))).toBe(true)
      expect(Effect.runSync(store.putBlob(bytes))).toBe(digest)
    })

    it("keeps its own copy of a blob whose buffer is used again", () => {
      const buffer = Buffer.from("first")
      const digest = Effect.runSync(store.putBlob(buffer))
      buffer.fill("x")
      expect(Buffer.from(Effect.runSync(store.blob(digest))).toString()).toBe("first")
    })

    it("lends many blobs one after the other, each whole, and calls what throws a bug", () => {
      const blobs = Array.from({ length: 200 }, (_, i) => Buffer.alloc(20_000, `${i} `))
      const digests = blobs.map((blob) => Effect.runSync(store.putBlob(blob)))
      Effect.runSync(store.flush)
      for (const [i, digest] of digests.entries()) {
        expect(Effect.runSync(lend(digest, (lent) => blobs[i]?.equals(lent)))).toBe(true)
      }
      const exit = Effect.runSyncExit(lend(digestOf(blobs[0] ?? small), () => JSON.parse("{")))
      expect(Exit.isFailure(exit) && Cause.isDie(exit.cause)).toBe(true)
    })

    it("says that it does not have a blob", async () => {
      expect(Effect.runSync(store.hasBlob(digestOf(small)))).toBe(false)
      expect(await missing(small)).toMatchObject(Either.left({ _tag: "BlobMissing", damaged: false }))
      expect(await missing(large)).toMatchObject(Either.left({ _tag: "BlobMissing", damaged: false }))
    })

    it("does not take a blob of another size for the one that is asked for", () => {
      Effect.runSync(store.putBlob(small))
      const other = makeDigest(hashOf(digestOf(small)), small.length + 1)
      const exit = Effect.runSyncExit(store.blob(other))
      expect(Exit.isFailure(exit) && Option.getOrThrow(Cause.failureOption(exit.cause))._tag).toBe("BlobMissing")
    })

    it("answers a look-up in the order of the keys, with undefined where it has nothing", () => {
      const [a, b, c] = [node("a"), node("b"), node("c")]
      Effect.runSync(Effect.all([store.putNode(c), store.putNode(a)]))
      const hits = Effect.runSync(store.lookup([a.key, b.key, c.key, a.key]))
      expect(hits.map((hit) => hit?.output)).toEqual([a.output, undefined, c.output, a.output])
      expect(Effect.runSync(store.lookup([b.key]))).toEqual([undefined])
      expect(Effect.runSync(store.lookup([]))).toEqual([])
    })

    it("gives back all of a node, before and after it is written out", () => {
      const whole = node("whole")
      Effect.runSync(store.putNode(whole))
      expect(Effect.runSync(store.node(whole.key))).toEqual(whole)
      Effect.runSync(store.flush)
      expect(Effect.runSync(store.node(whole.key))).toEqual(whole)
      expect(Effect.runSync(store.node(node("another").key))).toBeUndefined()
    })

    it("keeps the first of two results of one key, unless the second is a rerun", () => {
      const first = node("same")
      Effect.runSync(Effect.zipRight(store.putNode(first), store.flush))
      Effect.runSync(Effect.zipRight(store.putNode({ ...first, run: 9, output: "9" }), store.flush))
      expect(Effect.runSync(store.node(first.key))).toEqual(first)
      const rerun: NodeRecord = { ...first, run: 9, output: "9", rerun: "forced" }
      Effect.runSync(Effect.zipRight(store.putNode(rerun), store.flush))
      expect(Effect.runSync(store.node(first.key))).toEqual(rerun)
    })

    if (overlay) return

    it("sums up by rule what a run computed, written out or not", () => {
      const [a, b, other] = [node("a"), node("b"), { ...node("other run"), run: 2 }]
      const slow: NodeRecord = {
        ...node("c"),
        rule: { ...a.rule, fingerprint: "d".repeat(64), name: "slow" },
        ownMs: 9
      }
      Effect.runSync(Effect.all([store.putNode(a), store.putNode(other), store.flush]))
      Effect.runSync(Effect.all([store.putNode(b), store.putNode(slow)]))
      const ran = Effect.runSync(store.ranIn(1))
      expect(ran.toSorted((one, another) => (one.rule < another.rule ? -1 : 1))).toEqual([
        { rule: "rule", nodes: 2, ownMs: 3 },
        { rule: "slow", nodes: 1, ownMs: 9 }
      ])
      expect(Effect.runSync(store.ranIn(3))).toEqual([])
    })

    it.each([
      ["small", small],
      ["large", large]
    ])("notices a damaged %s blob once, read or lent, then has none, and takes it again", async (_, bytes) => {
      const digest = Effect.runSync(store.putBlob(bytes))
      const damaged = Either.left({ _tag: "BlobMissing", damaged: true })
      opened.corrupt(digest)
      expect(Effect.runSync(Effect.either(lend(digest, () => "seen")))).toMatchObject(damaged)
      Effect.runSync(store.putBlob(bytes))
      opened.corrupt(digest)
      expect(await missing(bytes)).toMatchObject(damaged)
      expect(await missing(bytes)).toMatchObject(Either.left({ _tag: "BlobMissing", damaged: false }))
      Effect.runSync(store.putBlob(bytes))
      expect(bytes.equals(Effect.runSync(store.blob(digest)))).toBe(true)
    })

    it("numbers runs upwards and logs their beginning and end", () => {
      const first = Effect.runSync(store.startRun("f42", 1000))
      const second = Effect.runSync(store.startRun("f42", 2000))
      expect(second).toBeGreaterThan(first)
      const begun = { id: second, label: "f42", status: "running", started: 2000, finished: null, root: null }
      expect(Effect.runSync(store.run(second))).toEqual(begun)
      Effect.runSync(store.finishRun(second, { status: "succeeded", finished: 3000, root: "ab".repeat(32) }))
      const ended = { ...begun, status: "succeeded", finished: 3000, root: "ab".repeat(32) }
      expect(Effect.runSync(store.run(second))).toEqual(ended)
      expect(Effect.runSync(store.run(second + 1))).toBeUndefined()
    })

    it("finds the newest succeeded run of a label below a number", () => {
      const start = (label: string, status: "succeeded" | "failed") => {
        const id = Effect.runSync(store.startRun(label, 0))
        Effect.runSync(store.finishRun(id, { status, finished: 1, root: null }))
        return id
      }
      const [one, two] = [start("f42", "succeeded"), start("f42", "succeeded")]
      const [failed, other] = [start("f42", "failed"), start("f43", "succeeded")]
      const last = (label: string, before: number) => Effect.runSync(store.lastSucceeded(label, before))?.id
      expect(last("f42", failed)).toBe(two)
      expect(last("f42", other + 10)).toBe(two)
      expect(last("f42", two)).toBe(one)
      expect(last("f42", one)).toBeUndefined()
      expect(last("f44", other + 10)).toBeUndefined()
    })

    it("remembers the newest text under a name", () => {
      const recalled = () => Effect.runSync(store.recall("content of f42"))
      expect(recalled()).toBeUndefined()
      Effect.runSync(store.remember("content of f42", "one"))
      Effect.runSync(store.remember("content of f42", "two"))
      expect(recalled()).toBe("two")
      expect(Effect.runSync(store.recall("content of f43"))).toBeUndefined()
    })
  })
}

const node = (name: string): NodeRecord => ({
  key: hashOf(digestOf(Buffer.from(name))),
  rule: { fingerprint: "f".repeat(64), name: "rule", version: 3, tools: { zstd: "1.5" }, needs: ["e".repeat(64)] },
  input: `{"name":"${name}"}`,
  output: `{"of":"${name}"}`,
  demands: [
    { rule: "child", label: "a label with spaces", key: "1".repeat(64) },
    { rule: "child", label: "", key: "2".repeat(64) }
  ],
  run: 1,
  ownMs: 1.5,
  rerun: null
})
