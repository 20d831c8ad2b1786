import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Schema } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { action, writeBlob } from "../../graph/index.ts"
import { golden, judge, outputDigest, readGolden, writeGolden } from "../kit/golden.ts"
import { Text, type ToyOptions, toy } from "./toy.ts"

golden({
  file: join(import.meta.dirname, "toy.golden.json"),
  rule: toy().CountLibrary,
  cases: {
    "an empty shelf": Effect.succeed({ title: "empty", files: [] }),
    "two files": Effect.map(Effect.all([writeBlob(Text, "one two"), writeBlob(Text, "three")]), ([a, b]) => ({
      title: "shelf",
      files: [
        { name: "a", text: a },
        { name: "b", text: b }
      ]
    }))
  }
})

describe("golden outputs", () => {
  let directory: string
  let file: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "distgraph-golden-"))
    file = join(directory, "toy.golden.json")
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  const shout = (version: number, mark: string, tools = {}) =>
    action("shout", {
      version,
      tools,
      input: Schema.Struct({ word: Schema.String }),
      output: Schema.String,
      label: ({ word }) => word,
      run: ({ word }) => Effect.succeed(word + mark)
    })
  const cases = { hello: Effect.succeed({ word: "hello" }) }
  const verdict = async (rule: ReturnType<typeof shout>) =>
    judge(rule, readGolden(file), "hello", await outputDigest({ rule, cases }, "hello"))
  const record = async (rule: ReturnType<typeof shout>) =>
    writeGolden(file, rule, new Map([["hello", await outputDigest({ rule, cases }, "hello")]]))

  it("ask to be recorded, where there are none", async () => {
    expect(await verdict(shout(1, "!"))).toEqual({
      _tag: "Unrecorded",
      message: "shout@1 has no golden output for hello yet: run the test with DISTGRAPH_WRITE_GOLDEN=1 to record it"
    })
  })

  it("hold for a rule that is as it was", async () => {
    await record(shout(1, "!"))
    expect(await verdict(shout(1, "!"))).toEqual({ _tag: "Same" })
  })

  it("catch an output that changed under the same version, and say which to raise", async () => {
    await record(shout(1, "!"))
    expect(await verdict(shout(1, "?"))).toEqual({
      _tag: "Changed",
      message:
        "the output of shout for hello is another, though its version still is 1: raise the version of shout to 2"
    })
  })

  it("let an output change with the version, and ask to be recorded anew in its place", async () => {
    await record(shout(1, "!"))
    expect(await verdict(shout(2, "?"))).toMatchObject({ _tag: "Unrecorded" })
    await record(shout(2, "?"))
    expect(await verdict(shout(2, "?"))).toEqual({ _tag: "Same" })
    expect(readGolden(file)["shout"]).toHaveLength(1)
  })

  it("are kept for each version of a tool", async () => {
    await record(shout(1, "!", { voice: "1" }))
    await record(shout(1, "!!", { voice: "2" }))
    expect(await verdict(shout(1, "!", { voice: "1" }))).toEqual({ _tag: "Same" })
    expect(await verdict(shout(1, "!!", { voice: "2" }))).toEqual({ _tag: "Same" })
    expect(await verdict(shout(1, "!!", { voice: "1" }))).toMatchObject({ _tag: "Changed" })
  })

  it("of a plan point at the rules below it as well", async () => {
    const rule = (options?: ToyOptions) => toy(options).CountLibrary
    const shelf = { shelf: Effect.succeed({ title: "shelf", files: [] }) }
    const digest = await outputDigest({ rule: rule(), cases: shelf }, "shelf")
    writeGolden(file, rule(), new Map([["shelf", digest]]))
    const other = await outputDigest(
      { rule: rule(), cases: { shelf: Effect.succeed({ title: "table", files: [] }) } },
      "shelf"
    )
    expect(judge(rule(), readGolden(file), "shelf", other)).toMatchObject({
      _tag: "Changed",
      message: expect.stringContaining("to 2, or that of the rule below it whose output changed")
    })
    expect(judge(rule({ sumVersion: 2 }), readGolden(file), "shelf", other)).toMatchObject({ _tag: "Unrecorded" })
  })
})
