import { Deferred, Effect } from "effect"
import { describe, expect, it } from "vitest"
import { type OutputOf, watch } from "../../graph/index.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { Text, toy } from "./toy.ts"

const libraryOf = (kit: ReturnType<typeof engineKit>, texts: Readonly<Record<string, string>>) => ({
  title: "shelf",
  files: Object.entries(texts).map(([name, text]) => ({ name, text: kit.give(Text, text) }))
})

/** Counts words, and gathers what the outputs of `count-words` were. */
const watched = (rules = toy()) => {
  const told: Array<OutputOf<typeof rules.CountWords>> = []
  return { ...rules, told, watching: watch(rules.CountWords, (output) => void told.push(output)) }
}

describe("whoever watches a rule", () => {
  it("is told of each output that is computed, decoded", async () => {
    const kit = engineKit()
    const { CountLibrary, told, watching } = watched()
    await kit.want(CountLibrary, libraryOf(kit, { a: "one two", b: "three" }), { watch: watching })
    expect(told.map(({ count, name }) => `${name} ${kit.read(Text, count)}`).sort()).toEqual(["a 2", "b 1"])
  })

  it("is told of one that is taken from the store, and of none that nobody asks for", async () => {
    const kit = engineKit()
    await kit.want(toy().CountLibrary, libraryOf(kit, { a: "one two", b: "three" }))
    const { CountLibrary, told, watching } = watched()
    await kit.want(CountLibrary, libraryOf(kit, { a: "one two", b: "three" }), { watch: watching })
    expect(told).toEqual([])
    kit.ran()
    await kit.want(CountLibrary, libraryOf(kit, { a: "one two", b: "three four" }), { watch: watching })
    expect(told.map(({ name }) => name).sort()).toEqual(["a", "b"])
    expect(kit.ran()).toEqual(["count-library shelf", "count-words b", "sum"])
  })

  it("is told before the run ends", async () => {
    const kit = engineKit()
    const heard = Effect.runSync(Deferred.make<void>())
    // b is counted only when a has been heard of
    const { CountLibrary, CountWords } = toy({
      meanwhile: (name) => (name === "b" ? Deferred.await(heard) : Effect.void)
    })
    const watching = watch(CountWords, ({ name }) => {
      if (name === "a") Deferred.unsafeDone(heard, Effect.void)
    })
    const library = libraryOf(kit, { a: "one two", b: "three" })
    expect((await kit.want(CountLibrary, library, { watch: watching })).total).toBe(3)
  })

  it("ends the run with what it throws", async () => {
    const kit = engineKit()
    const { CountLibrary, CountWords } = toy()
    const watching = watch(CountWords, () => {
      throw new Error("no ink")
    })
    const run = kit.want(CountLibrary, libraryOf(kit, { a: "one" }), { watch: watching })
    await expect(run).rejects.toThrow("no ink")
  })
})
