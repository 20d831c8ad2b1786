import { Cause, Effect, Exit } from "effect"
import { describe, expect, it } from "vitest"
import {
  accident,
  type DryRun,
  dryRun,
  ExternalFiles,
  emptyContents,
  externalFiles,
  RunFailed,
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
    const tried = (input: ReturnType<typeof library>, rules = toy()) =>
      Effect.runPromiseExit(
        dryRun(rules.CountLibrary, input, { label: "shelf", cpu: 2 }).pipe(
          Effect.provideService(Store, kit.store),
          Effect.provideService(
            ExternalFiles,
            externalFiles(() => accident("none"))
          )
        )
      )
    return { contents, kit, library, tried }
  }
  const told = (exit: Exit.Exit<DryRun, unknown>) => {
    const { hits, nodes } = Exit.getOrElse(exit, (cause) => {
      throw Cause.squash(cause)
    })
    return { nodes: nodes.map((node) => `${node.rule} ${node.label} ${node.status}`), hits: Object.fromEntries(hits) }
  }

  it("names each action that would run, and the plans that wait for them", async () => {
    const { library, tried } = fresh()
    const exit = await tried(library("one", "two"))
    expect(told(exit)).toEqual({
      nodes: ["count-words file0 would-run", "count-words file1 would-run", "count-library shelf waits"],
      hits: {}
    })
    expect(Exit.isSuccess(exit) && exit.value.nodes.at(-1)).toMatchObject({ for: "count-words file0" })
  })

  it("says of a plan all of whose demands are known that it was planned", async () => {
    const { kit, library, tried } = fresh()
    await kit.want(toy().CountLibrary, library("one", "two"))
    const changed = await tried(library("one", "two"), toy({ planVersion: 2 }))
    expect(told(changed)).toEqual({
      nodes: ["count-library shelf planned"],
      hits: { "count-words": ["file0", "file1"], sum: [""] }
    })
  })

  it("finds nothing to do where all is in the store", async () => {
    const { kit, library, tried } = fresh()
    await kit.want(toy().CountLibrary, library("one", "two"))
    expect(told(await tried(library("one", "two")))).toEqual({ nodes: [], hits: { "count-library": ["shelf"] } })
  })

  it("takes what is there, and plans further with it", async () => {
    const { kit, library, tried } = fresh()
    await kit.want(toy().CountLibrary, library("one", "two"))
    const titled = { ...library("one", "two"), title: "another shelf" }
    expect(told(await tried(titled))).toEqual({
      nodes: ["sum  would-run", "count-library another shelf waits"],
      hits: { "count-words": ["file0", "file1"] }
    })
  })

  it("agrees with the run that follows", async () => {
    const { kit, library, tried } = fresh()
    await kit.want(toy().CountLibrary, library("one", "two", "three"))
    kit.ran()
    const changed = library("one", "two and a half", "three")
    const { nodes } = told(await tried(changed))
    await kit.want(toy().CountLibrary, changed)
    const ran = kit.ran()
    for (const node of nodes) expect(ran).toContain(node.replace(/ (would-run|waits|planned)$/, "").trimEnd())
  })

  it("leaves the store as it was", async () => {
    const { contents, kit, library, tried } = fresh()
    await kit.want(toy().CountLibrary, library("one"))
    const input = library("one", "two")
    const before = structuredClone(contents)
    await tried(input)
    expect(contents).toEqual(before)
  })

  it("fails where what is known is enough to fail", async () => {
    const { kit, library, tried } = fresh()
    const rules = toy()
    kit.failOnce(rules.CountLibrary, new NoWords({ name: "the shelf" }))
    const exit = await tried(library("one", "two"), rules)
    const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
    expect(error).toBeInstanceOf(RunFailed)
    expect(String(error)).toContain("count-library shelf: the shelf has no words")
  })
})
