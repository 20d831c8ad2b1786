import { Cause, Effect, Exit } from "effect"
import { describe, expect, it } from "vitest"
import {
  accident,
  ExternalFiles,
  emptyContents,
  type Rehearsal,
  RunFailed,
  rehearse,
  Store
} from "../../graph/index.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { openMemory } from "../kit/engine-stores.ts"
import { NoWords, Text, toy } from "./toy.ts"

describe("a dry run", () => {
  const fresh = () => {
    const contents = emptyContents()
    const kit = engineKit({ opened: openMemory(contents) })
    const library = (...texts: ReadonlyArray<string>) => ({
      title: "shelf",
      files: texts.map((text, i) => ({ name: `file${i}`, text: kit.give(Text, text) }))
    })
    const dryRun = (input: ReturnType<typeof library>, rules = toy()) =>
      Effect.runPromiseExit(
        rehearse(rules.CountLibrary, input, { label: "shelf", cpu: 2 }).pipe(
          Effect.provideService(Store, kit.store),
          Effect.provideService(ExternalFiles, { path: () => accident("none") })
        )
      )
    return { contents, kit, library, dryRun }
  }
  const told = (exit: Exit.Exit<Rehearsal, unknown>) => {
    const { hits, nodes } = Exit.getOrElse(exit, (cause) => {
      throw Cause.squash(cause)
    })
    return { nodes: nodes.map((node) => `${node.rule} ${node.label} ${node.status}`), hits: Object.fromEntries(hits) }
  }

  it("names each action that would run, and the plans that wait for them", async () => {
    const { dryRun, library } = fresh()
    const exit = await dryRun(library("one", "two"))
    expect(told(exit)).toEqual({
      nodes: ["count-words file0 would-run", "count-words file1 would-run", "count-library shelf waits"],
      hits: {}
    })
    expect(Exit.isSuccess(exit) && exit.value.nodes.at(-1)).toMatchObject({ for: "count-words file0" })
  })

  it("finds nothing to do where all is in the store", async () => {
    const { dryRun, kit, library } = fresh()
    await kit.want(toy().CountLibrary, library("one", "two"))
    expect(told(await dryRun(library("one", "two")))).toEqual({ nodes: [], hits: { "count-library": 1 } })
  })

  it("takes what is there, and plans further with it", async () => {
    const { dryRun, kit, library } = fresh()
    await kit.want(toy().CountLibrary, library("one", "two"))
    const titled = { ...library("one", "two"), title: "another shelf" }
    expect(told(await dryRun(titled))).toEqual({
      nodes: ["sum  would-run", "count-library another shelf waits"],
      hits: { "count-words": 2 }
    })
  })

  it("agrees with the run that follows", async () => {
    const { dryRun, kit, library } = fresh()
    await kit.want(toy().CountLibrary, library("one", "two", "three"))
    kit.ran()
    const changed = library("one", "two and a half", "three")
    const { nodes } = told(await dryRun(changed))
    await kit.want(toy().CountLibrary, changed)
    const ran = kit.ran()
    for (const node of nodes) expect(ran).toContain(node.replace(/ (would-run|waits)$/, "").trimEnd())
  })

  it("leaves the store as it was", async () => {
    const { contents, dryRun, kit, library } = fresh()
    await kit.want(toy().CountLibrary, library("one"))
    const input = library("one", "two")
    const before = structuredClone(contents)
    await dryRun(input)
    expect(contents).toEqual(before)
  })

  it("fails where what is known is enough to fail", async () => {
    const { dryRun, kit, library } = fresh()
    const rules = toy()
    kit.failOnce(rules.CountLibrary, new NoWords({ name: "the shelf" }))
    const exit = await dryRun(library("one", "two"), rules)
    const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
    expect(error).toBeInstanceOf(RunFailed)
    expect(String(error)).toContain("count-library shelf: the shelf has no words")
  })
})
