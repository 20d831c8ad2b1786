import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Schema } from "effect"
import { describe, expect, it } from "vitest"
import {
  action,
  DigestOf,
  Explanation,
  type NodeStory,
  need,
  needAll,
  plan,
  readBlob,
  writeBlob
} from "../../graph/index.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { openDirectory } from "../kit/engine-stores.ts"
import { NoWords, Text, type ToyOptions, toy } from "./toy.ts"

const setUp = () => {
  const kit = engineKit()
  const library = (texts: Readonly<Record<string, string>>, title = "shelf") => ({
    title,
    files: Object.entries(texts).map(([name, text]) => ({ name, text: kit.give(Text, text) }))
  })
  const build = async (texts: Readonly<Record<string, string>>, options?: ToyOptions & { readonly title?: string }) => {
    await kit.want(toy(options).CountLibrary, library(texts, options?.title))
    return kit.explain()
  }
  return { kit, library, build }
}

/** The outcome of each node of a story, by name. */
const outcomes = (story: NodeStory | null): Readonly<Record<string, NodeStory["outcome"]>> =>
  story === null
    ? {}
    : Object.assign(
        { [`${story.rule} ${story.label}`.trimEnd()]: story.outcome },
        ...story.children.map((child) => outcomes(child))
      )

const ran = (reason: unknown) => ({ _tag: "Ran", reason, ownMs: expect.any(Number) })

describe("the reason that a node ran", () => {
  it("NeverBuilt: its place is new", async () => {
    const { build } = setUp()
    const first = await build({ a: "one" })
    expect(first.baseline).toBeNull()
    expect(outcomes(first.root)).toEqual({
      "count-library": ran({ _tag: "NeverBuilt" }),
      "count-words a": ran({ _tag: "NeverBuilt" }),
      sum: ran({ _tag: "NeverBuilt" })
    })
    const second = outcomes((await build({ a: "one", b: "two" })).root)
    expect(second["count-words b"]).toEqual(ran({ _tag: "NeverBuilt" }))
  })

  it("InputChanged: which field, in the words of what it holds, and what made it", async () => {
    const { build } = setUp()
    await build({ a: "one two", b: "three" })
    const { root } = await build({ a: "one two four", b: "three" })
    const told = outcomes(root)
    expect(told["count-words a"]).toEqual(
      ran({
        _tag: "InputChanged",
        changes: [
          {
            field: "text",
            before: expect.stringMatching(/^"[0-9a-f]{64}\/7"$/),
            after: expect.stringMatching(/^"[0-9a-f]{64}\/12"$/),
            differences: [{ kind: "added", subject: "four" }]
          }
        ]
      })
    )
    expect(told["count-library"]).toMatchObject(
      ran({ changes: [{ field: "files[0].text", differences: [{ kind: "added", subject: "four" }] }] })
    )
    expect(told["sum"]).toMatchObject(
      ran({
        changes: [
          {
            field: "counts[0].count",
            producedBy: "count-words a",
            differences: [
              { kind: "removed", subject: "2" },
              { kind: "added", subject: "3" }
            ]
          }
        ]
      })
    )
  })

  it("InputChanged: a plain field, with both values", async () => {
    const { build } = setUp()
    await build({ a: "one" })
    const { root } = await build({ a: "one" }, { title: "table" })
    expect(outcomes(root)["sum"]).toEqual(
      ran({
        _tag: "InputChanged",
        changes: [{ field: "title", before: '"shelf"', after: '"table"', differences: [] }]
      })
    )
  })

  it("InputChanged: only what was put into or taken out of a list", async () => {
    const { build } = setUp()
    await build({ a: "one", b: "two", c: "three" })
    const fields = async (texts: Readonly<Record<string, string>>) => {
      const told = outcomes((await build(texts)).root)["sum"]
      if (told?._tag !== "Ran" || told.reason._tag !== "InputChanged") throw new Error("sum did not run for its input")
      return told.reason.changes.map(({ field, before, after }) => [field, before !== undefined, after !== undefined])
    }
    expect(await fields({ a: "one", b: "two", new: "x y", c: "three" })).toEqual([["counts[2]", false, true]])
    expect(await fields({ a: "one", new: "x y", c: "three" })).toEqual([["counts[1]", true, false]])
  })

  it("RuleChanged: from which version to which", async () => {
    const { build } = setUp()
    await build({ a: "one" })
    const { root } = await build({ a: "one" }, { countVersion: 3 })
    expect(outcomes(root)["count-words a"]).toEqual(ran({ _tag: "RuleChanged", before: 1, after: 3 }))
  })

  it("NeededRuleChanged: a rule that it may ask for is another", async () => {
    const { build } = setUp()
    await build({ a: "one" })
    const { root } = await build({ a: "one" }, { sumVersion: 2 })
    expect(outcomes(root)["count-library"]).toEqual(ran({ _tag: "NeededRuleChanged", rules: ["sum"] }))
  })

  it("ToolChanged: which tool, from which version to which", async () => {
    const { build } = setUp()
    await build({ a: "one" })
    const { root } = await build({ a: "one" }, { counter: "1.1" })
    expect(outcomes(root)["count-words a"]).toEqual(
      ran({ _tag: "ToolChanged", tools: [{ name: "counter", before: "1.0", after: "1.1" }] })
    )
  })

  it.each([
    ["OutputLost", "evict"],
    ["OutputDamaged", "corrupt"]
  ] as const)("%s: a blob of its result was gone when it was wanted", async (reason, harm) => {
    const { build, kit } = setUp()
    await build({ a: "one two" })
    kit[harm](await countOf(kit))
    const { root } = await build({ a: "one two" }, { title: "table" })
    expect(outcomes(root)["count-words a"]).toEqual(ran({ _tag: reason }))
  })

  it("OutputUnreadable: its schema has changed under the same version", async () => {
    const kit = engineKit()
    const answer = <A>(output: Schema.Schema<A>, value: A) =>
      action("answer", {
        version: 1,
        input: Schema.Struct({}),
        output,
        label: () => "",
        run: () => Effect.succeed(value)
      })
    await kit.want(answer(Schema.String, "42"), {})
    await kit.want(answer(Schema.Int, 42), {})
    expect((await kit.explain()).root?.outcome).toEqual(ran({ _tag: "OutputUnreadable" }))
  })

  it("Forced: someone asked for it; but a node that was not known would have run all the same", async () => {
    const { kit, library } = setUp()
    const force = new Set(["count-library", "count-words"])
    await kit.want(toy().CountLibrary, library({ a: "one" }))
    await kit.want(toy().CountLibrary, library({ a: "one", b: "two" }), { force })
    const told = outcomes((await kit.explain()).root)
    expect(told["count-words a"]).toEqual(ran({ _tag: "Forced" }))
    expect(told["count-words b"]).toEqual(ran({ _tag: "NeverBuilt" }))
    expect(told["count-library"]).toMatchObject(ran({ _tag: "InputChanged" }))
  })
})

describe("a node that did not run", () => {
  it("Hit: taken from the store, where an earlier run put it", async () => {
    const { build } = setUp()
    await build({ a: "one", b: "two" })
    await build({ a: "one more", b: "two" })
    const { root } = await build({ a: "once more again", b: "two" })
    expect(outcomes(root)["count-words b"]).toEqual({ _tag: "Hit", run: 1 })
  })

  it("Hit: the root itself, when nothing changed; what it spared below is not walked", async () => {
    const { build } = setUp()
    await build({ a: "one" })
    const { ran: counts, reused, root } = await build({ a: "one" })
    expect(root).toMatchObject({ rule: "count-library", outcome: { _tag: "Hit", run: 1 }, children: [] })
    expect(counts).toEqual([])
    expect(reused).toEqual([{ rule: "count-library", nodes: 1 }])
  })

  it("CutOff: what makes its input ran again and made the same bytes", async () => {
    const { build } = setUp()
    await build({ a: "one two", b: "three" })
    const { root } = await build({ a: "two one", b: "three" })
    expect(outcomes(root)["sum"]).toEqual({ _tag: "CutOff", run: 1, producers: ["count-words a"] })
  })
})

describe("the reason OutputDamaged", () => {
  it("is also that of a node whose result is not what was stored", async () => {
    const directory = mkdtempSync(join(tmpdir(), "distgraph-explain-"))
    const opened = await openDirectory(directory)
    const kit = engineKit({ opened })
    const input = { title: "shelf", files: [{ name: "a", text: kit.give(Text, "one two") }] }
    const { output, root } = await kit.evaluated(toy().CountLibrary, input)
    opened.corruptResult(root)
    expect(await kit.want(toy().CountLibrary, input)).toEqual(output)
    expect(outcomes((await kit.explain()).root)["count-library"]).toEqual(ran({ _tag: "OutputDamaged" }))
    await kit.close()
    rmSync(directory, { recursive: true })
  })
})

describe("an explanation", () => {
  it("compares with the last run of the same label that succeeded, or with the one that is asked for", async () => {
    const { build, kit, library } = setUp()
    await build({ a: "one" })
    await build({ a: "one two" })
    await kit.want(toy().CountLibrary, library({ other: "run" }), { label: "another" })
    await kit.failure(toy().CountLibrary, library({ a: "" }))
    const last = await build({ a: "one two three" })
    expect(last).toMatchObject({ run: { id: 5 }, baseline: { id: 2 } })
    const against = await kit.explain(1)
    expect(against.baseline?.id).toBe(1)
    expect(outcomes(against.root)["count-words a"]).toMatchObject(
      ran({ changes: [{ differences: [{ subject: "two" }, { subject: "three" }] }] })
    )
  })

  it("of a failed run names each failure and what it stopped, and counts what ran", async () => {
    const { build, kit, library } = setUp()
    await build({ a: "one" })
    await kit.failure(toy().CountLibrary, library({ a: "", b: "smoke", c: "two", d: "words" }))
    expect(await kit.explain()).toMatchObject({
      baseline: { id: 1 },
      root: null,
      failed: [
        { node: "count-words a", message: "a has no words", upstreamFailed: ["count-library shelf"] },
        { node: "count-words b", message: "the shelf is on fire", upstreamFailed: ["count-library shelf"] }
      ],
      ran: [{ rule: "count-words", nodes: 2, ownMs: expect.any(Number) }],
      reused: []
    })
  })

  it("of a failed run does not tell the story of a later one that ended well", async () => {
    const { kit, library } = setUp()
    const { CountLibrary, CountWords } = toy()
    kit.failOnce(CountWords, new NoWords({ name: "by chance" }))
    const failed = await kit.failure(CountLibrary, library({ a: "one" }))
    await kit.want(CountLibrary, library({ a: "one" }))
    expect((await kit.explain()).root).not.toBeNull()
    expect(failed.run).toBe(1)
    expect(await kit.explainRun(CountLibrary, 1)).toMatchObject({ run: { id: 1 }, root: null })
  })

  it("tells a node that two ask for once, with its children, and refers to it after that", async () => {
    const kit = engineKit()
    const Leaf = action("leaf", {
      version: 1,
      input: Schema.Struct({}),
      output: Schema.Int,
      label: () => "",
      run: () => Effect.succeed(1)
    })
    const Shared = plan("shared", {
      version: 1,
      needs: [Leaf],
      input: Schema.Struct({}),
      output: Schema.Int,
      label: () => "",
      run: () => need(Leaf, {})
    })
    const Side = plan("side", {
      version: 1,
      needs: [Shared],
      input: Schema.Struct({ id: Schema.Int }),
      output: Schema.Int,
      label: ({ id }) => String(id),
      run: () => need(Shared, {})
    })
    const Top = plan("top", {
      version: 1,
      needs: [Side],
      input: Schema.Struct({}),
      output: Schema.Int,
      label: () => "",
      run: () => Effect.map(needAll(Side, [{ id: 1 }, { id: 2 }]), (all) => all.length)
    })
    await kit.want(Top, {})
    const { ran: counts, root } = await kit.explain()
    const shared = root?.children.map((side) => side.children[0])
    expect(shared).toMatchObject([
      { toldBefore: false, children: [{ rule: "leaf" }] },
      { toldBefore: true, children: [] }
    ])
    expect(counts.map(({ nodes, rule }) => [rule, nodes])).toEqual([
      ["top", 1],
      ["side", 2],
      ["shared", 1],
      ["leaf", 1]
    ])
  })

  it("names as producer the node that made the bytes, not a plan that hands them on", async () => {
    const kit = engineKit()
    const Blob = Schema.Struct({ text: DigestOf(Text) })
    const Make = action("make", {
      version: 1,
      input: Blob,
      output: Blob,
      label: () => "",
      run: ({ text }) =>
        Effect.gen(function* () {
          return { text: yield* writeBlob(Text, `${yield* readBlob(Text, text)}!`) }
        })
    })
    const Hand = plan("hand", {
      version: 1,
      needs: [Make],
      input: Blob,
      output: Blob,
      label: () => "",
      run: (input) => need(Make, input)
    })
    const Use = action("use", {
      version: 1,
      input: Blob,
      output: Schema.Int,
      label: () => "",
      run: ({ text }) => Effect.map(readBlob(Text, text), (read) => read.length)
    })
    const Top = plan("top", {
      version: 1,
      needs: [Hand, Use],
      input: Blob,
      output: Schema.Int,
      label: () => "",
      run: (input) => Effect.flatMap(need(Hand, input), (made) => need(Use, made))
    })
    await kit.want(Top, { text: kit.give(Text, "before") })
    await kit.want(Top, { text: kit.give(Text, "after") })
    const told = outcomes((await kit.explain()).root)
    expect(told["use"]).toMatchObject(ran({ changes: [{ field: "text", producedBy: "make" }] }))
  })

  it("adds up what ran and what was reused, and the time that this saved", async () => {
    const { build } = setUp()
    const texts = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`file${i}`, `text ${i}`]))
    await build(texts, { meanwhile: () => Effect.sleep("2 millis") })
    const { ran: counts, reused, savedIsPartial, savedMs } = await build({ ...texts, file7: "another" })
    expect(counts.map(({ nodes, rule }) => `${nodes} ${rule}`)).toEqual(["1 count-library", "1 count-words", "1 sum"])
    expect(reused).toEqual([{ rule: "count-words", nodes: 19 }])
    expect(savedMs).toBeGreaterThan(19)
    expect(savedIsPartial).toBe(false)
  })

  it("is data of a schema, for programs", async () => {
    const { build } = setUp()
    await build({ a: "one two", b: "three" })
    const told = await build({ a: "two one", b: "three four" })
    const json: unknown = JSON.parse(JSON.stringify(Schema.encodeSync(Explanation)(told)))
    expect(Schema.decodeUnknownSync(Explanation)(json)).toEqual(told)
  })
})

/** The digest of the count of the only file. */
const countOf = async (kit: ReturnType<typeof engineKit>) => {
  const { root } = await kit.explain()
  const key = root?.children[0]?.key ?? ""
  const node = Effect.runSync(kit.store.node(key))
  return Schema.decodeUnknownSync(Schema.parseJson(Schema.Struct({ count: DigestOf(Text) })))(node?.output).count
}
