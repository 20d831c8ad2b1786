import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { hashOf, readBlob, sizeOf, withBlobs } from "../../graph/index.ts"
import { Snapshot } from "../../rules/snapshot.ts"
import type { Hub } from "../../src/hub/hub.ts"
import { type ContentRequest, Source } from "../../src/source/source.ts"
import { type ExportRig, exportRig } from "../kit/export-rig.ts"

const now: ContentRequest = { event: null, inherit: true, latest: true }

let rig: ExportRig
beforeAll(async () => {
  rig = await exportRig()
  await rig.hub((hub) =>
    Effect.gen(function* () {
      yield* hub.addTag("child", { arches: "" })
      yield* hub.addTagInheritance("child", "demo")
      yield* hub.addTag("orphan")
      yield* hub.addTag("i686-child", { arches: "i686" })
      yield* hub.addTagInheritance("i686-child", "child")
    })
  )
})
afterAll(() => rig.close())

const arches = (tag: string) => rig.run(Effect.flatMap(Source, (source) => source.arches(tag)))

const snapshot = (tag: string, request: Partial<ContentRequest> = {}) =>
  rig.run(Effect.flatMap(Source, (source) => source.snapshot(tag, { ...now, ...request })))

const failure = (tag: string, request: Partial<ContentRequest> = {}) =>
  rig.run(Effect.flip(Effect.flatMap(Source, (source) => source.snapshot(tag, { ...now, ...request }))))

const changing = <A, E>(change: (hub: Hub["Type"]) => Effect.Effect<A, E>) => rig.hub(change)

describe("the local hub's arches of a tag", () => {
  it("are its own, else those of the first parent that has some, as Koji's client looks for them", async () => {
    expect(await arches("demo")).toEqual(["x86_64", "aarch64"])
    expect(await arches("child")).toEqual(["x86_64", "aarch64"])
    expect(await arches("i686-child")).toEqual(["i686"])
    expect(await arches("orphan")).toEqual([])
  })
})

describe("a snapshot from the local hub", () => {
  it("is the same for the same content, whoever asks: a tag and one that only inherits from it", async () => {
    const [own, inherited, again] = [await snapshot("demo"), await snapshot("child"), await snapshot("demo")]
    expect(again).toEqual(own)
    expect(inherited.content).toBe(own.content)
    expect((await snapshot("child", { inherit: false })).content).not.toBe(own.content)
  })

  it("names each file by its digest and says where it lies", async () => {
    const { files } = await snapshot("demo")
    expect(files.size).toBeGreaterThan(40)
    for (const [digest, path] of files) {
      const bytes = readFileSync(path)
      expect([hashOf(digest), sizeOf(digest)]).toEqual([createHash("sha256").update(bytes).digest("hex"), bytes.length])
    }
  })

  it("is a list of chunks that the store has", async () => {
    const chunks = await rig.run(
      Effect.gen(function* () {
        const source = yield* Source
        const { content } = yield* source.snapshot("demo", now)
        return yield* withBlobs(readBlob(Snapshot, content))
      })
    )
    expect(chunks.length).toBeGreaterThan(0)
  })

  it("has another content and the event's stamp after each change that matters, and after no other", async () => {
    const before = await snapshot("demo")
    await changing((hub) => hub.addTag("unrelated"))
    const unrelated = await snapshot("demo")
    expect(unrelated.content).toBe(before.content)
    expect(unrelated.stamp).toEqual(before.stamp)
    expect(unrelated.event).toBe(before.event + 1)
    await changing((hub) => hub.tagBuild("demo", ["hello-1.1-1"]))
    const tagged = await snapshot("demo")
    expect(tagged.content).not.toBe(before.content)
    expect(tagged.stamp.event).toBe(tagged.event)
    expect((await snapshot("demo", { event: before.event })).content).toBe(before.content)
    await changing((hub) => hub.untagBuild("demo", ["hello-1.1-1"]))
    const untagged = await snapshot("demo")
    expect(untagged.content).toBe(before.content)
    expect((await snapshot("demo", { latest: false })).content).toBe(untagged.content)
  })

  it("fails for a tag or an event that is not there, in the hub's words", async () => {
    expect(await failure("nowhere")).toMatchObject({ kind: "no-such-tag", message: "No such tagInfo: 'nowhere'" })
    expect(await failure("demo", { event: 9999 })).toMatchObject({
      kind: "no-such-event",
      message: "No such event: 9999"
    })
    expect(await failure("unrelated", { event: 1 })).toMatchObject({ kind: "no-such-tag", event: 1 })
  })
})

describe("the taggings of a tag's builds", () => {
  it("are the newest of each build, its own and inherited, none after the event asked about", async () => {
    const taggings = (tag: string, request: Partial<ContentRequest> = {}) =>
      rig.run(Effect.flatMap(Source, (source) => source.taggings(tag, { ...now, ...request })))
    const hello = (await taggings("child")).get("hello-1.0-1")
    expect(hello).toMatchObject({ tag: "demo" })
    const { event } = await snapshot("child")
    await changing((hub) =>
      Effect.zipRight(hub.untagBuild("demo", ["hello-1.0-1"]), hub.tagBuild("demo", ["hello-1.0-1"]))
    )
    const again = (await taggings("child")).get("hello-1.0-1")
    expect(again?.event).toBe((await snapshot("demo")).event)
    expect((await taggings("child", { event })).get("hello-1.0-1")).toEqual(hello)
    expect([...(await taggings("child", { inherit: false })).keys()]).toEqual([])
  })
})
