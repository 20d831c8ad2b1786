import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Worker } from "node:worker_threads"
import { Effect, Either } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { directoryStore, readBlob, Store, withBlobs, writeBlob } from "../../graph/index.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { NoWords, Text, toy } from "./toy.ts"

describe("an action in a worker thread", () => {
  const { CountWords } = toy()
  const directory = mkdtempSync(join(tmpdir(), "distgraph-worker-"))
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: { directory },
    execArgv: ["--disable-warning=ExperimentalWarning"]
  })
  afterAll(async () => {
    await worker.terminate()
    rmSync(directory, { recursive: true })
  })

  /** Opens the store that both threads share. */
  const inStore = <A, E>(effect: Effect.Effect<A, E, Store>): Promise<A> =>
    Effect.runPromise(
      Effect.scoped(Effect.flatMap(directoryStore(directory), (store) => Effect.provideService(effect, Store, store)))
    )

  /** Stores a text and has the worker count its words: what it answers. */
  const counted = async (name: string, content: string) => {
    const text = await inStore(withBlobs(writeBlob(Text, content)))
    worker.postMessage(JSON.stringify(CountWords.encodeInput({ name, text })))
    const [answer] = await once(worker, "message")
    return JSON.parse(answer)
  }

  it("runs from its encoded input, and gives the encoded output that it gives here", async () => {
    const { output } = await counted("shelf", "one two three")
    const kit = engineKit()
    const here = await kit.want(CountWords, { name: "shelf", text: kit.give(Text, "one two three") })
    expect(CountWords.decodeOutput(output)).toEqual(Either.right(here))
  })

  it("writes its blobs where this thread reads them", async () => {
    const { output } = await counted("shelf", "one two three four")
    const { count } = Either.getOrThrow(CountWords.decodeOutput(output))
    expect(await inStore(withBlobs(readBlob(Text, count)))).toBe("4")
  })

  it("fails with its own error, which is the same here", async () => {
    const { error } = await counted("empty shelf", "")
    expect(error).toEqual({ _tag: "NoWords", name: "empty shelf" })
    expect(CountWords.errors?.decode(error)).toEqual(Either.right(new NoWords({ name: "empty shelf" })))
  })

  it("crashes without taking the worker along", async () => {
    const { crash } = await counted("shelf", "a crash")
    expect(crash).toContain("out of words")
    expect(await counted("shelf", "a word")).toHaveProperty("output")
  })
})
