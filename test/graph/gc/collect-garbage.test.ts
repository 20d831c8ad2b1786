import { randomBytes } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Either, FastCheck as fc } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import {
  type AnyRule,
  Bytes,
  collectGarbage,
  type Digest,
  type GcPolicy,
  type GcReport,
  hashOf,
  isDigest,
  noteUse,
  RunFailed,
  referencesIn,
  rulesUnder,
  Store,
  type StoreApi
} from "../../../graph/index.ts"
import { nodeKey } from "../../../graph/key.ts"
import { ageStore } from "../../kit/aged-store.ts"
import { histories, NumberBlob, RootLevel, storeTree, type Tree, treeDigest } from "../../kit/engine-graphs.ts"
import { engineKit } from "../../kit/engine-kit.ts"
import { openDirectory } from "../../kit/engine-stores.ts"
import { storedIn } from "../../kit/stored.ts"
import { Text, toy } from "../toy.ts"

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "distgraph-gc-"))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const days = (count: number): number => count * 24 * 3600_000

const usual: GcPolicy = { keepWithin: days(1), lifetime: days(90), maxSize: null }

const collect = (policy: Partial<GcPolicy> = {}, rules: ReadonlyArray<AnyRule> = [RootLevel], dryRun = false) =>
  Effect.runPromise(
    collectGarbage({
      directory,
      rules,
      remembered: () => [],
      policy: { ...usual, ...policy },
      dryRun,
      wait: { politely: 0, atTheDoor: 0 }
    })
  )

type Kit = ReturnType<typeof engineKit>

/** Runs with the store open. */
const opened = async <A>(use: (kit: Kit) => Promise<A>): Promise<A> => {
  const open = await openDirectory(directory)
  try {
    return await use(engineKit({ opened: open }))
  } finally {
    await open.close()
  }
}

/** Evaluates a tree; undefined where it is refused. */
const evaluated = async (kit: Kit, tree: Tree, label: string) => {
  storeTree(kit.give, tree)
  const outcome = await kit.want(RootLevel, { tree: treeDigest(tree) }, { label }).catch((error: unknown) => error)
  if (outcome instanceof RunFailed) return undefined
  if (outcome instanceof Error) throw outcome
  return kit.read(NumberBlob, (outcome as { value: never }).value) // no error, so RootLevel's output
}

/** All that is there names only what is there too; gives every blob that something names. */
const expectClosed = async (): Promise<ReadonlySet<Digest>> => {
  const { nodes } = storedIn(directory)
  const rules = rulesUnder(RootLevel)
  const named = new Set<Digest>()
  await opened(async ({ store }) => {
    for (const key of nodes) {
      const node = Effect.runSync(store.node(key))
      const rule = rules.get(node?.rule.name ?? "")
      if (node === undefined || rule === undefined) throw new Error(`the node ${key} cannot be read`)
      for (const demand of node.demands) expect(nodes).toContain(demand.key)
      follow(store, rule.output, node.output, named)
      follow(store, rule.input, node.input, named)
    }
  })
  return named
}

const follow = (store: StoreApi, schema: AnyRule["output"], json: string, named: Set<Digest>): void => {
  const left = [...referencesIn(schema, JSON.parse(json))]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const bytes = Effect.runSync(Effect.either(store.blob(next.digest)))
    if (Either.isLeft(bytes)) throw new Error(`${next.digest} is named and gone`)
    named.add(next.digest)
    left.push(...next.codec.referencesIn(bytes.right))
  }
}

const expectNothingElse = (named: ReadonlySet<Digest>): void => {
  const { small } = storedIn(directory)
  expect([...small].sort()).toEqual([...named].map((digest) => hashOf(digest).slice(0, 32)).sort())
}

const keptRoots = ({ states }: GcReport): ReadonlyArray<string> =>
  states.flatMap(({ kept, state }) => (kept ? [state.root] : []))

const rootOf = (tree: Tree): string => nodeKey(RootLevel, RootLevel.encodeInput({ tree: treeDigest(tree) }).text)

describe("over random graphs and histories", () => {
  const step = fc.record({ label: fc.constantFrom("one", "other"), hours: fc.integer({ min: 0, max: 60 }) })
  const bound = fc.option(fc.integer({ min: 0, max: 6000 }))

  it("keeps what is closed and a hit, removes the rest, and what is removed is computed as before", () =>
    fc.assert(
      fc.asyncProperty(histories, fc.infiniteStream(step), bound, async (trees, steps, maxSize) => {
        directory = mkdtempSync(join(tmpdir(), "distgraph-gc-"))
        const done: Array<{ readonly tree: Tree; readonly label: string; readonly value: number | undefined }> = []
        for (const tree of trees) {
          const { hours, label } = steps.next().value
          await opened(async (kit) => done.push({ tree, label, value: await evaluated(kit, tree, label) }))
          ageStore(directory, hours)
        }
        ageStore(directory, 30)
        const planned = await collect({ maxSize }, [RootLevel], true)
        const before = storedIn(directory)
        const report = await collect({ maxSize })
        expect(report.states).toEqual(planned.states)
        expect(report.unreached).toEqual(planned.unreached)
        expectNothingElse(await expectClosed())
        const after = storedIn(directory)
        const sum = (part: "nodes" | "blobs") =>
          report.states.reduce((all, { amount, kept }) => all + (kept ? 0 : amount[part]), report.unreached[part])
        expect(before.nodes.length - after.nodes.length).toBe(sum("nodes"))
        expect(before.small.size - after.small.size).toBe(sum("blobs"))

        const kept = keptRoots(report)
        for (const label of ["one", "other"]) {
          const newest = done.findLastIndex((run) => run.label === label && run.value !== undefined)
          if (newest >= 0) expect(kept).toContain(rootOf(done[newest]?.tree ?? 0))
        }
        await opened(async (kit) => {
          for (const { label, tree, value } of done) {
            kit.ran()
            expect(await evaluated(kit, tree, label)).toBe(value)
            if (value !== undefined && kept.includes(rootOf(tree))) expect(kit.ran()).toEqual([])
          }
        })
        await expectClosed()
        rmSync(directory, { recursive: true })
      }),
      { numRuns: 12 }
    ))
})

const leaf = (value: number): Tree => ({ op: "sum", parts: [value, { op: "product", parts: [value, 2] }] })

/** Evaluates trees of single numbers under a label, so many hours apart. */
const history = async (label: string, values: ReadonlyArray<number>, hours: number): Promise<void> => {
  for (const value of values) {
    await opened((kit) => evaluated(kit, leaf(value), label))
    ageStore(directory, hours)
  }
}

const verdicts = ({ states }: GcReport): ReadonlyArray<string> =>
  states.map(({ because, kept, state }) => `${state.label} ${state.run} ${kept ? "stays" : "goes"}: ${because}`)

describe("garbage collection", () => {
  beforeEach(async () => {
    await opened(async () => {})
  })

  it("keeps what was used in the last day and the newest of each label, and older states as long as there is room", async () => {
    await history("one", [1, 2, 3], 24)
    await history("other", [4], 25)
    await history("one", [5], 1)
    expect(verdicts(await collect())).toEqual([
      "one 5 stays: recent",
      "other 4 stays: newest",
      "one 3 stays: fits",
      "one 2 stays: fits",
      "one 1 stays: fits"
    ])
    const report = await collect({ maxSize: 1 })
    expect(verdicts(report).slice(2)).toEqual(["one 3 goes: size", "one 2 goes: size", "one 1 goes: size"])
    expect(report.fits).toBe(false)
    expectNothingElse(await expectClosed())
    // the first computed what the others share
    expect(storedIn(directory).runs.toSorted()).toEqual([1, 4, 5])
    expect(verdicts(await collect({ maxSize: 1 }))).toEqual(["one 5 stays: recent", "other 4 stays: newest"])
  })

  it("gives up the least recently used states first, and no more of them than there must go", async () => {
    await history("one", [1, 2, 3, 4, 5], 48)
    const { keptBytes, states } = await collect({}, [RootLevel], true)
    const last = states.at(-1)?.amount.bytes ?? 0
    expect(
      verdicts(await collect({ maxSize: keptBytes - 1 }, [RootLevel], true)).filter((text) => text.includes("goes"))
    ).toEqual(["one 1 goes: size"])
    const two = await collect({ maxSize: keptBytes - last - 1 })
    expect(verdicts(two).filter((text) => text.includes("goes"))).toEqual(["one 2 goes: size", "one 1 goes: size"])
    expect(two.keptBytes).toBeLessThanOrEqual(keptBytes - last - 1)
  })

  it("keeps a state that was only found again, as a run of hits or by who knows what it would come to", async () => {
    await history("one", [1, 2], 24 * 60)
    await opened((kit) => evaluated(kit, leaf(1), "one"))
    ageStore(directory, 48)
    await opened(({ store }) => Effect.runPromise(Effect.provideService(noteUse("two", rootOf(leaf(2))), Store, store)))
    expect(verdicts(await collect())).toEqual(["two 4 stays: recent", "one 3 stays: newest"])
    ageStore(directory, 24 * 89)
    expect(verdicts(await collect())).toEqual(["two 4 stays: newest", "one 3 goes: unused"])
  })

  it("logs a use at most once an hour", async () => {
    await history("one", [1], 2)
    const note = () =>
      opened(({ store }) => Effect.runPromise(Effect.provideService(noteUse("one", rootOf(leaf(1))), Store, store)))
    await note()
    await note()
    expect(storedIn(directory).runs).toEqual([1, 2])
  })

  it("keeps what a run that failed or goes on has written in the last day, and clears it away later", async () => {
    const refused: Tree = { op: "sum", parts: [leaf(1), { op: "refuse-nines", parts: [9] }] }
    expect(await opened((kit) => evaluated(kit, refused, "one"))).toBeUndefined()
    const before = storedIn(directory)
    expect((await collect()).recent.nodes).toBe(before.nodes.length)
    expect(storedIn(directory)).toEqual(before)
    ageStore(directory, 25)
    expect((await collect()).unreached.nodes).toBe(before.nodes.length)
    expect(storedIn(directory)).toMatchObject({ nodes: [], small: new Set(), packs: 0, batches: 0, runs: [] })
  })

  it("removes nothing where rules that it does not know were used lately, and what they made where that is long ago", async () => {
    await history("one", [1, 2], 30)
    const { CountLibrary } = toy()
    const input = await opened(async (kit) => {
      const files = [{ name: "a", text: kit.give(Text, "some words") }]
      await kit.want(CountLibrary, { title: "shelf", files }, { label: "library" })
      return { title: "shelf", files }
    })
    const before = storedIn(directory)
    const held = await collect({ maxSize: 0 })
    expect(held.heldBy).toEqual({ id: 3, label: "library" })
    expect(storedIn(directory)).toEqual(before)
    expect((await collect({ maxSize: 0 }, [RootLevel, CountLibrary])).heldBy).toBeNull()
    await opened(async (kit) => {
      await kit.want(CountLibrary, input, { label: "library" })
      expect(kit.ran()).toEqual([])
    })
    ageStore(directory, 25)
    expect(verdicts(await collect())).toContain("library 4 goes: foreign")
    expectNothingElse(await expectClosed())
  })

  it("keeps what is remembered as long as a state has some of it, with all that it names", async () => {
    await history("one", [1], 0)
    await opened(async ({ store }) => {
      const beside = Effect.runSync(store.putBlob(Buffer.from("what nobody else names")))
      const lost = Effect.runSync(store.putBlob(Buffer.from("what only this names")))
      Effect.runSync(store.remember("known", `${treeDigest(leaf(1))} ${beside}`))
      Effect.runSync(store.remember("left", lost))
      Effect.runSync(store.remember("no blob", "at all"))
    })
    await history("one", [1], 0)
    ageStore(directory, 25)
    const report = await Effect.runPromise(
      collectGarbage({
        directory,
        rules: [RootLevel],
        remembered: (_, text) =>
          text.split(" ").flatMap((digest) => (isDigest(digest) ? [{ digest, codec: Bytes }] : [])),
        policy: usual,
        dryRun: false,
        wait: { politely: 0, atTheDoor: 0 }
      })
    )
    expect(report.memories).toEqual([
      { name: "known", kept: true },
      { name: "left", kept: false },
      { name: "no blob", kept: true }
    ])
    await opened(async ({ store }) => {
      const names = ["known", "left", "no blob"]
      expect(names.map((name) => Effect.runSync(store.recall(name)) !== undefined)).toEqual([true, false, true])
      const [, beside = ""] = (Effect.runSync(store.recall("known")) ?? "").split(" ")
      expect(isDigest(beside) && Effect.runSync(store.hasBlob(beside))).toBe(true)
    })
  })

  it("removes large blobs, half-written files and older layouts, and gives the room back", async () => {
    await opened(async ({ store }) => {
      for (let at = 0; at < 8; at += 1) Effect.runSync(store.putBlob(randomBytes(300_000)))
      for (let at = 0; at < 40; at += 1) Effect.runSync(store.putBlob(randomBytes(200_000)))
    })
    await history("one", [1], 48)
    writeFileSync(join(directory, "v4/incoming/left"), "half a blo")
    const older = join(directory, "v3")
    mkdirSync(older)
    writeFileSync(join(older, "store.db"), "of another layout")
    for (const path of [join(older, "store.db"), older]) utimesSync(path, 1, 1)
    const report = await collect()
    expect(report.strays).toEqual(["left"])
    expect(report.oldLayouts).toEqual([older])
    expect(existsSync(older)).toBe(false)
    expect(storedIn(directory).large.size).toBe(0)
    expect(readdirSync(join(directory, "v4/incoming"))).toEqual([])
    expect(report.size.before).toBeGreaterThan(10_000_000)
    expect(report.size.after).toBeLessThan(300_000)
    expectNothingElse(await expectClosed())
  })

  it("writes packs anew of which little stays, many into one, and all of it can be read", async () => {
    const parts = Array.from({ length: 60 }, (_, value): Tree => ({ op: "sum", parts: [value, value] }))
    await opened(async (kit) => {
      for (const [at, part] of parts.entries()) {
        Effect.runSync(kit.store.putBlob(Buffer.alloc(240_000, `before ${at} `)))
        storeTree(kit.give, part)
        Effect.runSync(Effect.zipRight(kit.store.putBlob(Buffer.alloc(240_000, `behind ${at} `)), kit.store.flush))
      }
      await evaluated(kit, { op: "sum", parts }, "one")
    })
    ageStore(directory, 48)
    const before = storedIn(directory)
    await collect()
    expect(storedIn(directory).packs).toBeLessThan(before.packs / 10)
    expectNothingElse(await expectClosed())
  })

  it("removes nothing while the store is open elsewhere, and has others wait while it is at the door", async () => {
    await history("one", [1, 2], 48)
    const before = storedIn(directory)
    await opened(async ({ store }) => {
      const busy = await collect({ maxSize: 0 }).catch(String)
      expect(busy).toContain("was in use all the time, so nothing was removed")
      // a dry run needs no such moment
      expect(verdicts(await collect({ maxSize: 0 }, [RootLevel], true))).toContain("one 1 goes: size")
      expect(Effect.runSync(store.lookup([rootOf(leaf(1))]))[0]).toBeDefined()
    })
    expect(storedIn(directory)).toEqual(before)
    await collect({ maxSize: 0 })
    expect(storedIn(directory).nodes.length).toBeLessThan(before.nodes.length)
  })

  it("has nothing to do where there is no store, and makes none", async () => {
    rmSync(directory, { recursive: true })
    expect(await collect()).toMatchObject({ states: [], size: { before: 0, after: 0 } })
    expect(existsSync(directory)).toBe(false)
  })

  it("leaves all readable though packs and results are damaged, and clears what nobody can read", async () => {
    await history("one", [1, 2, 3], 48)
    const open = await openDirectory(directory)
    open.corruptResult(rootOf(leaf(2)))
    await open.close()
    const { states } = await collect({ maxSize: 0 })
    expect(states.length).toBe(3)
    await opened(async (kit) => {
      for (const value of [1, 2, 3]) expect(await evaluated(kit, leaf(value), "one")).toBe((value + value * 2) % 100)
    })
  })
})
