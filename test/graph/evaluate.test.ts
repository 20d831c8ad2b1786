import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Deferred, Effect, Exit, Fiber, Schema } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import {
  accident,
  action,
  DigestOf,
  digestOf,
  EngineFault,
  ExternalFiles,
  evaluate,
  externalFiles,
  need,
  needAll,
  plan,
  type RunEvent,
  readBlob,
  Store,
  StoreError,
  writeBlob
} from "../../graph/index.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { openDirectory, openMemory } from "../kit/engine-stores.ts"
import { NoWords, Text, toy } from "./toy.ts"

const { CountWords } = toy()

const stores = [
  { name: "memory", open: () => Promise.resolve(openMemory()) },
  {
    name: "a directory",
    open: async () => {
      const directory = mkdtempSync(join(tmpdir(), "distgraph-evaluate-"))
      const opened = await openDirectory(directory)
      const close = async () => {
        await opened.close()
        rmSync(directory, { recursive: true })
      }
      return { ...opened, close }
    }
  }
]

describe.each(stores)("evaluating over $name", ({ open }) => {
  let kit: ReturnType<typeof engineKit>
  beforeEach(async () => {
    kit = engineKit({ opened: await open() })
  })
  afterEach(() => kit.close())

  const library = (texts: Readonly<Record<string, string>>) => ({
    title: "shelf",
    files: Object.entries(texts).map(([name, text]) => ({ name, text: kit.give(Text, text) }))
  })
  const everything = ["count-library shelf", "count-words a", "count-words b", "sum"]

  describe("what runs", () => {
    it("is everything, in a fresh store", async () => {
      const output = await kit.want(toy().CountLibrary, library({ a: "one two", b: "three" }))
      expect(output.total).toBe(3)
      expect(kit.read(Text, output.report)).toBe("shelf\na 2\nb 1")
      expect(kit.ran()).toEqual(everything)
    })

    it("is nothing, when nothing changed: one look-up at the root", async () => {
      const first = await kit.want(toy().CountLibrary, library({ a: "one two", b: "three" }))
      kit.ran()
      expect(await kit.want(toy().CountLibrary, library({ a: "one two", b: "three" }))).toEqual(first)
      expect(kit.events()).toEqual([{ _tag: "Hits", rule: "count-library", labels: ["shelf"] }])
    })

    it("is what stands on a changed input", async () => {
      await kit.want(toy().CountLibrary, library({ a: "one two", b: "three" }))
      kit.ran()
      expect((await kit.want(toy().CountLibrary, library({ a: "one two", b: "three four" }))).total).toBe(4)
      expect(kit.ran()).toEqual(["count-library shelf", "count-words b", "sum"])
    })

    it("ends where a result comes out as it was", async () => {
      await kit.want(toy().CountLibrary, library({ a: "one two", b: "three" }))
      kit.ran()
      await kit.want(toy().CountLibrary, library({ a: "two one", b: "three" }))
      expect(kit.ran()).toEqual(["count-library shelf", "count-words a"])
    })

    it("is nothing, when the world goes back to an earlier state", async () => {
      const first = await kit.want(toy().CountLibrary, library({ a: "one", b: "two" }))
      await kit.want(toy().CountLibrary, library({ a: "other", b: "words" }))
      kit.ran()
      expect(await kit.want(toy().CountLibrary, library({ a: "one", b: "two" }))).toEqual(first)
      expect(kit.ran()).toEqual([])
    })

    it("is a rule whose version or tool changed, and those that may ask for it", async () => {
      const input = library({ a: "one", b: "two" })
      await kit.want(toy().CountLibrary, input)
      kit.ran()
      await kit.want(toy({ countVersion: 2 }).CountLibrary, input)
      expect(kit.ran()).toEqual(["count-library shelf", "count-words a", "count-words b"])
      await kit.want(toy({ countVersion: 2, counter: "1.1" }).CountLibrary, input)
      expect(kit.ran()).toEqual(["count-library shelf", "count-words a", "count-words b"])
    })

    it("is what is forced, with what changes behind it", async () => {
      const input = library({ a: "one", b: "two" })
      await kit.want(toy().CountLibrary, input)
      kit.ran()
      await kit.want(toy().CountLibrary, input, { force: new Set(["count-library", "sum"]) })
      expect(kit.ran()).toEqual(["count-library shelf", "sum"])
    })

    it("is a node whose result is no longer of its rule's schema, although its key is known", async () => {
      const answer = <A>(output: Schema.Schema<A>, value: A) =>
        action("answer", {
          version: 1,
          input: Schema.Struct({}),
          output,
          label: () => "",
          run: () => Effect.succeed(value)
        })
      await kit.want(answer(Schema.String, "42"), {})
      kit.ran()
      expect(await kit.want(answer(Schema.Int, 42), {})).toBe(42)
      expect(kit.ran()).toEqual(["answer"])
      expect((await kit.explain()).root?.outcome).toMatchObject({ _tag: "Ran", reason: { _tag: "OutputUnreadable" } })
    })

    it("is once, where many ask for the same", async () => {
      let started = 0
      const Slow = action("slow", {
        version: 1,
        input: Schema.Struct({}),
        output: Schema.Int,
        label: () => "",
        run: () => {
          started += 1
          return Effect.as(Effect.sleep("20 millis"), 7)
        }
      })
      const Asker = plan("asker", {
        version: 1,
        needs: [Slow],
        input: Schema.Struct({ id: Schema.Int }),
        output: Schema.Int,
        label: ({ id }) => String(id),
        run: () => Effect.map(needAll(Slow, [{}, {}, {}]), (all) => all.reduce((a, b) => a + b, 0))
      })
      const Askers = plan("askers", {
        version: 1,
        needs: [Asker],
        input: Schema.Struct({}),
        output: Schema.Array(Schema.Int),
        label: () => "",
        run: () => needAll(Asker, [{ id: 1 }, { id: 2 }, { id: 3 }])
      })
      expect(await kit.want(Askers, {})).toEqual([21, 21, 21])
      expect(started).toBe(1)
    })
  })

  it("gives the outputs of needAll in the order of the inputs, whatever ends first", async () => {
    const Echo = action("echo", {
      version: 1,
      input: Schema.Struct({ id: Schema.Int }),
      output: Schema.Int,
      label: ({ id }) => String(id),
      run: ({ id }) => Effect.as(Effect.sleep(id % 2 === 0 ? "8 millis" : "1 millis"), id)
    })
    const ids = [8, 1, 6, 3, 8, 2, 5]
    const All = plan("all", {
      version: 1,
      needs: [Echo],
      input: Schema.Struct({}),
      output: Schema.Array(Schema.Int),
      label: () => "",
      run: () =>
        needAll(
          Echo,
          ids.map((id) => ({ id }))
        )
    })
    expect(await kit.want(All, {}, { cpu: 4 })).toEqual(ids)
  })

  it("computes no more actions at a time than the cpu limit, and as many", async () => {
    let now = 0
    let most = 0
    const { CountLibrary } = toy({
      meanwhile: () =>
        Effect.acquireUseRelease(
          Effect.sync(() => {
            now += 1
            most = Math.max(most, now)
          }),
          () => Effect.sleep("5 millis"),
          () =>
            Effect.sync(() => {
              now -= 1
            })
        )
    })
    const texts = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`file${i}`, `words ${i}`]))
    await kit.want(CountLibrary, library(texts), { cpu: 3 })
    expect(most).toBe(3)
  })

  it("keys a node by the fields that its schema knows, and no others", async () => {
    const file = { name: "a", text: kit.give(Text, "one") }
    await kit.want(CountWords, file)
    const more = { ...file, mtime: 1.5, path: "/somewhere" }
    await kit.want(CountWords, more)
    expect(kit.ran()).toEqual(["count-words a"])
  })

  describe("failing", () => {
    it("names each failed node once, in the order of demand, with who wanted it; the rest goes on", async () => {
      const input = library({ a: "", b: "two", c: "", d: "four" })
      const failure = await kit.failure(toy().CountLibrary, input)
      expect(failure.failures).toEqual([
        { node: "count-words a", error: new NoWords({ name: "a" }), wantedBy: ["count-library shelf"] },
        { node: "count-words c", error: new NoWords({ name: "c" }), wantedBy: ["count-library shelf"] }
      ])
      expect(failure.message).toBe(
        "count-words a: a has no words\n  wanted by count-library shelf\ncount-words c: c has no words\n  wanted by count-library shelf"
      )
      expect(kit.ran()).toEqual(["count-words b", "count-words d"])
      await kit.failure(toy().CountLibrary, input)
      expect(kit.ran()).toEqual([])
    })

    it("tells apart nodes that fail with equal errors that have no identity", async () => {
      const Picky = action("picky", {
        version: 1,
        input: Schema.Struct({ id: Schema.Int }),
        output: Schema.Int,
        error: Schema.Literal("no"),
        label: ({ id }) => String(id),
        run: ({ id }) => (id > 1 ? Effect.fail("no" as const) : Effect.succeed(id))
      })
      const All = plan("all", {
        version: 1,
        needs: [Picky],
        input: Schema.Struct({}),
        output: Schema.Array(Schema.Int),
        label: () => "",
        run: () => needAll(Picky, [{ id: 1 }, { id: 2 }, { id: 3 }])
      })
      const { failures, message } = await kit.failure(All, {})
      expect(failures.map(({ node }) => node)).toEqual(["picky 2", "picky 3"])
      expect(message).toContain("picky 2: no\n  wanted by all")
    })

    const Lenient = plan("lenient", {
      version: 1,
      needs: [CountWords],
      input: Schema.Struct({ name: Schema.String, text: DigestOf(Text) }),
      output: Schema.Int,
      label: () => "",
      run: (file) =>
        need(CountWords, file).pipe(
          Effect.as(1),
          Effect.catchTag("NoWords", () => Effect.succeed(0))
        )
    })

    it("is no failure of a plan that recovers from it", async () => {
      expect(await kit.want(Lenient, { name: "a", text: kit.give(Text, "") })).toBe(0)
      expect(kit.ran()).toEqual(["lenient"])
    })

    it("does not let a plan recover from an accident below it, nor store what it makes of one", async () => {
      const Deaf = plan("deaf", {
        version: 1,
        needs: [CountWords],
        input: Schema.Struct({ name: Schema.String, text: DigestOf(Text) }),
        output: Schema.Int,
        label: () => "",
        run: (file) => Effect.catchAllCause(Effect.as(need(CountWords, file), 1), () => Effect.succeed(0))
      })
      const { failures } = await kit.failure(Deaf, { name: "a", text: kit.give(Text, "smoke") })
      expect(failures).toEqual([{ node: "count-words a", error: expect.any(EngineFault), wantedBy: ["deaf"] }])
      expect(kit.ran()).toEqual([])
    })

    it("does not let an action swallow its own accident", async () => {
      const Deaf = action("deaf", {
        version: 1,
        input: Schema.Struct({}),
        output: Schema.Int,
        label: () => "",
        run: () => Effect.catchAllCause(Effect.as(accident("the tool is missing"), 1), () => Effect.succeed(0))
      })
      expect((await kit.failure(Deaf, {})).message).toBe("deaf: the tool is missing")
      expect(kit.ran()).toEqual([])
    })

    it("tells an accident in its own words", async () => {
      const failure = await kit.failure(toy().CountLibrary, library({ a: "smoke", b: "two" }))
      expect(failure.message).toBe("count-words a: the shelf is on fire\n  wanted by count-library shelf")
    })

    it("tells where a rule crashed, and that it is a bug", async () => {
      const { message } = await kit.failure(toy().CountLibrary, library({ a: "crash", b: "two" }))
      expect(message).toMatch(/^count-words a: the rule crashed, which is a bug: Error: out of words\n +at .*toy\.ts/)
      expect(kit.ran()).toEqual(["count-words b"])
    })

    it("covers a root whose label crashes before there is a node", async () => {
      const Broken = action("broken", {
        version: 1,
        input: Schema.Struct({}),
        output: Schema.Int,
        label: () => {
          throw new Error("no name")
        },
        run: () => Effect.succeed(1)
      })
      expect((await kit.failure(Broken, {})).failures).toMatchObject([{ node: "broken", wantedBy: [] }])
    })

    it("covers an output that has no JSON form or does not survive it", async () => {
      const give = (value: number | undefined) =>
        action("give", {
          version: 1,
          input: Schema.Struct({}),
          output: Schema.UndefinedOr(Schema.Number),
          label: () => "",
          run: () => Effect.succeed(value)
        })
      expect((await kit.failure(give(undefined), {})).message).toContain("an output must have a JSON form")
      expect((await kit.failure(give(Number.NaN), {})).message).toContain("Expected number")
    })

    it("covers an external file that no source names", async () => {
      const Open = action("open", {
        version: 1,
        input: Schema.Struct({}),
        output: Schema.Array(Schema.String),
        label: () => "",
        run: () => Effect.flatMap(ExternalFiles, (files) => files.paths([digestOf(Buffer.from("nowhere"))]))
      })
      expect((await kit.failure(Open, {})).message).toMatch(/^open: no source names the file [0-9a-f]{64}\/7$/)
    })

    it("refuses two rules of one name, since their results would be mixed up", async () => {
      const [one, other] = [toy().CountWords, toy({ countVersion: 2 }).CountWords]
      const Both = plan("both", {
        version: 1,
        needs: [one, other],
        input: Schema.Struct({}),
        output: Schema.Int,
        label: () => "",
        run: () => Effect.succeed(1)
      })
      await expect(kit.want(Both, {})).rejects.toThrow("two rules are named count-words")
    })

    it("is a crash of an action that fails with what it did not declare", async () => {
      const untyped: unknown = new NoWords({ name: "a" })
      const Undeclared = action("undeclared", {
        version: 1,
        input: Schema.Struct({}),
        output: Schema.Int,
        label: () => "",
        run: () => Effect.fail(untyped as never) // as code does that got an `any` from somewhere
      })
      const { failures } = await kit.failure(Undeclared, {})
      expect(failures[0]?.error).toBeInstanceOf(EngineFault)
      expect(String(failures[0]?.error)).toMatch(
        /a bug: TypeError: it failed with what is not of its error schema: a has/
      )
    })

    it("is not stored: the next run tries again", async () => {
      const { CountLibrary, CountWords } = toy()
      const input = library({ a: "one", b: "two" })
      kit.failOnce(CountWords, new NoWords({ name: "by chance" }))
      expect((await kit.failure(CountLibrary, input)).failures).toHaveLength(1)
      expect((await kit.want(CountLibrary, input)).total).toBe(2)
      expect(kit.ran()).toEqual(everything)
    })
  })

  describe("a store that loses things", () => {
    const long = Array.from({ length: 20_000 }, (_, i) => `word${i}`).join(" ")
    const Copy = action("copy", {
      version: 1,
      input: Schema.Struct({ text: DigestOf(Text) }),
      output: Schema.Struct({ text: DigestOf(Text) }),
      label: () => "",
      run: ({ text }) =>
        Effect.gen(function* () {
          return { text: yield* writeBlob(Text, `${yield* readBlob(Text, text)} and more`) }
        })
    })
    const Copies = plan("copies", {
      version: 1,
      needs: [Copy, CountWords],
      input: Schema.Struct({ text: DigestOf(Text), salt: Schema.Int }),
      output: Schema.Struct({ text: DigestOf(Text) }),
      label: () => "",
      run: ({ text, salt }) =>
        Effect.gen(function* () {
          const copy = yield* need(Copy, { text })
          yield* need(CountWords, { name: `copy${salt}`, text: copy.text })
          return copy
        })
    })

    it.each([
      ["lost", "small", "a few words"],
      ["damaged", "small", "a few words"],
      ["lost", "large", long],
      ["damaged", "large", long]
    ])("rebuilds a %s %s blob when it is next read", async (how, _, words) => {
      const text = kit.give(Text, words)
      const copy = await kit.want(Copies, { text, salt: 1 })
      kit.ran()
      if (how === "lost") kit.evict(copy.text)
      else kit.corrupt(copy.text)
      expect(await kit.want(Copies, { text, salt: 2 })).toEqual(copy)
      expect(kit.ran()).toEqual(["copies", "copy", "count-words copy2"])
      expect(kit.read(Text, copy.text)).toBe(`${words} and more`)
    })

    it("checks what a hit names, where repair is asked for", async () => {
      const text = kit.give(Text, "a few words")
      const copy = await kit.want(Copies, { text, salt: 1 })
      kit.ran()
      kit.evict(copy.text)
      await kit.want(Copies, { text, salt: 1 }, { repair: true })
      expect(kit.ran()).toEqual(["copies", "copy"])
      expect(kit.read(Text, copy.text)).toBe("a few words and more")
    })

    it("says what is missing where nothing can make it again", async () => {
      const text = kit.give(Text, "one two")
      kit.evict(text)
      const failure = await kit.failure(toy().CountLibrary, { title: "shelf", files: [{ name: "a", text }] })
      expect(failure.message).toBe(
        `count-words a: the blob ${text} is no longer in the store\n  wanted by count-library shelf`
      )
    })
  })

  describe("stopping midway", () => {
    const texts = { a: "one", b: "two", c: "three" }

    it("keeps what was finished when it is interrupted, and is logged so", async () => {
      const started = Effect.runSync(Deferred.make<void>())
      const { CountLibrary } = toy({
        meanwhile: (name) =>
          name === "c" ? Effect.zipRight(Deferred.succeed(started, undefined), Effect.never) : Effect.void
      })
      const input = library(texts)
      const run = Effect.gen(function* () {
        const fiber = yield* Effect.fork(evaluate(CountLibrary, input, { label: "shelf", cpu: 1 }))
        yield* Deferred.await(started)
        yield* Fiber.interrupt(fiber)
        return yield* (yield* Store).run(1)
      })
      const logged = await Effect.runPromise(
        run.pipe(
          Effect.provideService(Store, kit.store),
          Effect.provideService(
            ExternalFiles,
            externalFiles(() => accident("none"))
          )
        )
      )
      expect(logged).toMatchObject({ status: "interrupted", label: "shelf" })
      await kit.want(toy().CountLibrary, input)
      expect(kit.ran()).toEqual(["count-library shelf", "count-words c", "sum"])
    })

    it("goes on after a crash at any write, and comes to the same end", async () => {
      const expected = await kit.deterministic(toy().CountLibrary, library(texts))
      for (let writes = 0; writes < 12; writes += 1) {
        const again = engineKit({ opened: await open() })
        for (const text of Object.values(texts)) again.give(Text, text)
        again.crashAfter(writes)
        const crashed = await again.want(toy().CountLibrary, library(texts)).catch(String)
        if (typeof crashed === "string") expect(crashed).toContain("it crashed")
        again.revive()
        expect(await again.want(toy().CountLibrary, library(texts))).toEqual(expected)
        await again.close()
      }
    })

    it("ends at once, with the store's error, when the store cannot be written", async () => {
      kit.crashAfter(0)
      const exit = await kit.outcome(toy().CountLibrary, library(texts))
      expect(exit).toEqual(Exit.fail(new StoreError({ store: "under test", reason: "it crashed" })))
      expect(kit.ran()).toEqual([])
    })
  })

  it("ends with the error of a listener that throws, and does not hang", async () => {
    const onEvent = (event: RunEvent) => {
      if (event._tag === "Finished") throw new Error("no paper")
    }
    await expect(kit.want(toy().CountLibrary, library({ a: "one", b: "two" }), { onEvent })).rejects.toThrow("no paper")
    expect(Effect.runSync(kit.store.run(1))?.status).toBe("failed")
  })

  it("logs one run and nothing else when nothing changed", async () => {
    const input = library({ a: "one" })
    await kit.want(toy().CountLibrary, input)
    const before = Effect.runSync(kit.store.run(1))
    await kit.want(toy().CountLibrary, input)
    expect(before).toMatchObject({ id: 1, status: "succeeded" })
    expect(Effect.runSync(kit.store.run(2))).toMatchObject({ id: 2, status: "succeeded", root: before?.root })
  })

  it("does not depend on scheduling or on the clock", async () => {
    const texts = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`file${i}`, "word ".repeat(i + 1)]))
    await kit.deterministic(toy().CountLibrary, library(texts))
  })
})

describe("deterministic", () => {
  it("names the rule that looks at the clock, and the seed", async () => {
    const Dated = action("dated", {
      version: 1,
      input: Schema.Struct({}),
      output: Schema.Int,
      label: () => "",
      run: () => Effect.sync(() => Date.now())
    })
    const verdict = engineKit().deterministic(Dated, {}, 7)
    await expect(verdict).rejects.toThrow(/^dated \{\} gave 981\d+ and 2240\d+ in two cold runs \(seed 7\)$/)
  })
})
