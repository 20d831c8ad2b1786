import { join } from "node:path"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { GcPolicy } from "../../graph/index.ts"
import { collectLargeStore, collectStore, usualPolicy } from "../../src/export/collect-store.ts"
import type { ExportEvent } from "../../src/export/dist-repo.ts"
import { internalRepo } from "../../src/export/internal-repo.ts"
import { ageStore } from "../kit/aged-store.ts"
import { createrepoRig } from "../kit/createrepo-rig.ts"
import { type ExportRig, exportRig, readersView } from "../kit/export-rig.ts"
import { storedIn } from "../kit/stored.ts"

let rig: ExportRig
beforeEach(async () => {
  rig = await exportRig()
})
afterEach(() => rig.close())

const collect = (policy: Partial<GcPolicy> = {}, directory = rig.store) =>
  Effect.runPromise(
    collectStore({
      directory,
      policy: { ...usualPolicy, maxSize: 1, ...policy },
      dryRun: false,
      wait: { politely: 0, atTheDoor: 0 }
    })
  )

/** Exports and says which rules ran. */
const ran = async (): Promise<ReadonlyArray<string>> => {
  const rules: Array<string> = []
  const onEvent = (event: ExportEvent): void => void (event._tag === "Finished" && rules.push(event.rule))
  await rig.publish({ force: true }, { onEvent })
  return rules
}

describe("a store of which old states were removed", () => {
  it("has all that an export of the newest state needs, and makes the others as an empty one does", async () => {
    await rig.publish()
    await rig.hub((hub) => hub.tagBuild("demo", ["hello-1.1-1"]))
    await rig.publish()
    ageStore(rig.store, 48)
    const report = await collect()
    expect(report.states.map(({ because, kept }) => [because, kept])).toEqual([
      ["newest", true],
      ["size", false]
    ])
    expect(report.memories).toEqual([expect.objectContaining({ kept: true })])
    expect(await ran()).toEqual([])
    expect(readersView(rig.tagDir(), 3)).toEqual(readersView(rig.tagDir(), 2))
    // what is remembered of the tag is whole: going on from it gives what reading all would
    await rig.hub((hub) => hub.untagBuild("demo", ["hello-1.1-1"]))
    const again = await rig.publish()
    expect(again.snapshot.read).toBe("touched")
    const scratch = await rig.publish({ force: true }, { store: join(rig.folder, "fresh") })
    expect(readersView(rig.tagDir(), again.repo.id)).toEqual(readersView(rig.tagDir(), scratch.repo.id))
  })

  it("counts an export that found all unchanged as a use", async () => {
    await rig.publish()
    ageStore(rig.store, 24 * 89)
    expect(await rig.export()).toMatchObject({ _tag: "Unchanged" })
    ageStore(rig.store, 48)
    expect((await collect()).states.map(({ because }) => because)).toEqual(["newest"])
    expect(await ran()).toEqual([])
  })

  it("keeps what internal repos need too", async () => {
    const internal = (force: boolean) => {
      const rules: Array<string> = []
      const onEvent = (event: ExportEvent): void => void (event._tag === "Finished" && rules.push(event.rule))
      return rig.run(
        Effect.map(internalRepo({ tag: "demo", opts: {}, force }, onEvent), (result) => ({ result, rules }))
      )
    }
    expect((await internal(false)).rules.length).toBeGreaterThan(3)
    ageStore(rig.store, 24 * 89)
    expect((await internal(false)).result._tag).toBe("Unchanged")
    ageStore(rig.store, 48)
    await collect()
    expect((await internal(true)).rules).toEqual([])
  })
})

describe("a store of repositories of plain directories", () => {
  it("still knows the packages of a directory whose older states were removed", async () => {
    const directory = createrepoRig()
    const store = join(directory.folder, "store")
    try {
      directory.place("hello-1.0-1.x86_64.rpm", "hello-1.0-1.x86_64.rpm")
      await directory.make()
      directory.place("minish-5-2.x86_64.rpm", "minish-5-2.x86_64.rpm")
      await directory.make()
      ageStore(store, 48)
      const report = await collect({}, store)
      expect(report.states.map(({ because }) => because)).toEqual(["newest", "size"])
      expect(report.memories.map(({ kept }) => kept)).toEqual([true])
      const ran: Array<string> = []
      const result = await Effect.runPromise(
        directory.making({}, "store", (event) => void (event._tag === "Finished" && ran.push(event.rule)))
      )
      expect(result).toMatchObject({ _tag: "Unchanged", packages: 2, hashed: 0 })
      expect(ran).toEqual([])
    } finally {
      directory.close()
    }
  })
})

describe("a store that is larger than it may be", () => {
  it("is looked at once a day after an export, and gives up what it may", async () => {
    const tidied = () => Effect.runPromise(collectLargeStore(rig.store, 1000))
    await rig.publish()
    await rig.hub((hub) => hub.tagBuild("demo", ["hello-1.1-1"]))
    await rig.publish()
    ageStore(rig.store, 48)
    expect(await Effect.runPromise(collectLargeStore(rig.store, null))).toBeNull()
    const before = storedIn(rig.store).nodes.length
    expect((await tidied())?.states.map(({ because }) => because)).toEqual(["newest", "size"])
    expect(storedIn(rig.store).nodes.length).toBeLessThan(before)
    expect(await tidied()).toBeNull()
  })
})
