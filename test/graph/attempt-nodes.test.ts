import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Either, Schema } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { type Asked, settle } from "../../graph/asked.ts"
import { AttemptNodes, mostReleased } from "../../graph/attempt-nodes.ts"
import {
  accident,
  action,
  dryRun,
  ExternalFiles,
  externalFiles,
  needAll,
  plan,
  type RunEvent,
  Store
} from "../../graph/index.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { openDirectory, openMemory } from "../kit/engine-stores.ts"

class Odd extends Schema.TaggedError<Odd>()("Odd", { id: Schema.Int }) {}

const Halve = action("halve", {
  version: 1,
  input: Schema.Struct({ id: Schema.Int }),
  output: Schema.Int,
  error: Odd,
  label: ({ id }) => String(id),
  run: ({ id }) => (id % 2 === 0 ? Effect.succeed(id / 2) : Effect.fail(new Odd({ id })))
})

/** Asks for a few nodes, then for more than an attempt remembers, then for the few once more. */
const again = (version: number, few: ReadonlyArray<number>) =>
  plan("again", {
    version,
    needs: [Halve],
    input: Schema.Struct({}),
    output: Schema.Array(Schema.Int),
    label: () => "",
    run: () =>
      Effect.gen(function* () {
        const halves = (ids: ReadonlyArray<number>) =>
          needAll(
            Halve,
            ids.map((id) => ({ id }))
          ).pipe(Effect.catchTag("Odd", ({ id }) => Effect.succeed([-id])))
        const first = yield* halves(few)
        yield* halves(many)
        return [...first, ...(yield* halves(few))]
      })
  })

const few = [2, 4]
const many = Array.from({ length: mostReleased + 1 }, (_, index) => 6 + 2 * index)
const everyLabel = [...few, ...many].map(String).sort()

const stores = [
  { name: "memory", open: () => Promise.resolve(openMemory()) },
  {
    name: "a directory",
    open: async () => {
      const directory = mkdtempSync(join(tmpdir(), "distgraph-nodes-"))
      const opened = await openDirectory(directory)
      const close = async () => {
        await opened.close()
        rmSync(directory, { recursive: true })
      }
      return { ...opened, close }
    }
  }
]

describe.each(stores)("a node that is asked for again after it was forgotten, over $name", ({ open }) => {
  let kit: ReturnType<typeof engineKit>
  beforeEach(async () => {
    kit = engineKit({ opened: await open() })
  })
  afterEach(() => kit.close())

  const labelsOf = (events: ReadonlyArray<RunEvent>, tag: "Started" | "Finished" | "Failed" | "WouldRun") =>
    events.flatMap((event) => (event._tag === tag && event.rule === "halve" ? [event.label] : [])).sort()
  const hitsIn = (events: ReadonlyArray<RunEvent>) =>
    events.flatMap((event) => (event._tag === "Hits" ? event.labels : [])).sort()

  it("has run once, and is not told as reused", async () => {
    expect(await kit.want(again(1, few), {})).toEqual([1, 2, 1, 2])
    const events = kit.events()
    expect(labelsOf(events, "Started")).toEqual(everyLabel)
    expect(labelsOf(events, "Finished")).toEqual(everyLabel)
    expect(hitsIn(events)).toEqual([])
    expect((await kit.explain()).ran).toContainEqual(
      expect.objectContaining({ rule: "halve", nodes: everyLabel.length })
    )
  })

  it("is told as reused once, where it is of an earlier run", async () => {
    await kit.want(again(1, few), {})
    kit.events()
    expect(await kit.want(again(2, few), {})).toEqual([1, 2, 1, 2])
    const events = kit.events()
    expect(labelsOf(events, "Started")).toEqual([])
    expect(hitsIn(events)).toEqual(everyLabel)
  })

  it("runs once where its rule is forced", async () => {
    await kit.want(again(1, few), {})
    kit.events()
    expect(await kit.want(again(2, few), {}, { force: new Set(["halve"]) })).toEqual([1, 2, 1, 2])
    const events = kit.events()
    expect(labelsOf(events, "Finished")).toEqual(everyLabel)
    expect(hitsIn(events)).toEqual([])
  })

  it("fails once, and with the same error each time", async () => {
    expect(await kit.want(again(1, [3]), {})).toEqual([-3, -3])
    expect(labelsOf(kit.events(), "Failed")).toEqual(["3"])
  })

  it("is checked like any other where repair is asked for, and told once", async () => {
    await kit.want(again(1, few), {})
    kit.events()
    expect(await kit.want(again(2, few), {}, { repair: true })).toEqual([1, 2, 1, 2])
    expect(hitsIn(kit.events())).toEqual(everyLabel)
  })

  it("is a hit once in a dry run", async () => {
    await kit.want(again(1, few), {})
    const dry = dryRun(again(2, few), {}, { label: "again", cpu: 2 }).pipe(
      Effect.provideService(Store, kit.store),
      Effect.provideService(
        ExternalFiles,
        externalFiles(() => accident("none"))
      )
    )
    const { hits, nodes } = await Effect.runPromise(dry)
    expect(hits.get("halve")?.toSorted()).toEqual(everyLabel)
    expect(nodes).toEqual([{ status: "planned", rule: "again", label: "" }])
  })
})

describe("the nodes of an attempt", () => {
  const node = (key: number): Asked => ({
    key: String(key),
    rule: Halve,
    label: "",
    cost: 1,
    suspect: false,
    missed: false,
    input: { encoded: undefined, text: "" },
    waiters: undefined,
    outcome: undefined
  })
  const settled = (key: number): Asked => {
    const made = node(key)
    settle(made, Either.right(key))
    return made
  }

  it("are all there until they are released, and of the released the latest", () => {
    const nodes = new AttemptNodes()
    const kept = node(-1)
    nodes.add(kept)
    const released = Array.from({ length: 3 * mostReleased }, (_, key) => settled(key))
    for (const each of released) {
      nodes.add(each)
      nodes.release(each)
    }
    expect(nodes.get("-1")).toBe(kept)
    const found = released.map(({ key }) => nodes.get(key) !== undefined)
    expect(found).toEqual(released.map((_, key) => key >= 2 * mostReleased))
  })

  it("may be asked for again after they were forgotten", () => {
    const nodes = new AttemptNodes()
    for (let key = 0; key <= mostReleased; key += 1) {
      const each = settled(key)
      nodes.add(each)
      nodes.release(each)
    }
    expect(nodes.get("0")).toBeUndefined()
    const second = settled(0)
    nodes.add(second)
    nodes.release(second)
    expect(nodes.get("0")).toBe(second)
    expect(nodes.get("1")).toBeUndefined()
  })
})
