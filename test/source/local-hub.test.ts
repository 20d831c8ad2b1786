import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { Context, Effect, Layer } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Digest, digestOf, hashOf, readBlob, Store, sizeOf, withBlobs } from "../../graph/index.ts"
import { TaggedChunk } from "../../rules/rpm-row.ts"
import { Snapshot } from "../../rules/snapshot.ts"
import { Hub } from "../../src/hub/hub.ts"
import { layerLocalHub } from "../../src/source/local-hub.ts"
import { memoryName } from "../../src/source/remembered-snapshot.ts"
import { type ContentRequest, Source } from "../../src/source/source.ts"
import { type ExportRig, exportRig } from "../kit/export-rig.ts"
import { fixtureKeys } from "../kit/fixtures.ts"

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

const snapshot = (tag: string, request: Partial<ContentRequest> = {}) =>
  rig.run(Effect.flatMap(Source, (source) => source.snapshot(tag, { ...now, ...request })))

const rowsOf = (tag: string) =>
  rig.run(
    Effect.gen(function* () {
      const { content } = yield* (yield* Source).snapshot(tag, now)
      const chunks = yield* withBlobs(readBlob(Snapshot, content))
      return (yield* withBlobs(Effect.forEach(chunks, ({ chunk }) => readBlob(TaggedChunk, chunk)))).flat()
    })
  )

const pathsOf = (digests: ReadonlyArray<Digest>) => rig.run(Effect.flatMap(Source, (source) => source.paths(digests)))

/** What the source remembers of the tag in the rig's store, and puts another text in its place. */
const memory = (change?: (text: string) => string) =>
  rig.run(
    Effect.gen(function* () {
      const store = yield* Store
      const name = memoryName(rig.topdir, "demo", now)
      const text = (yield* store.recall(name)) ?? ""
      if (change !== undefined) yield* store.remember(name, change(text))
      return text
    })
  )

const failure = (tag: string, request: Partial<ContentRequest> = {}) =>
  rig.run(Effect.flip(Effect.flatMap(Source, (source) => source.snapshot(tag, { ...now, ...request }))))

const changing = <A, E>(change: (hub: Hub["Type"]) => Effect.Effect<A, E>) => rig.hub(change)

describe("the local hub's arches of a tag", () => {
  it("are its own, else those of the first parent that has some, as Koji's client looks for them", async () => {
    const arches = async (tag: string) => (await snapshot(tag)).arches
    expect(await arches("demo")).toEqual(["x86_64", "aarch64"])
    expect(await arches("child")).toEqual(["x86_64", "aarch64"])
    expect(await arches("i686-child")).toEqual(["i686"])
    expect(await arches("orphan")).toEqual([])
  })
})

describe("a snapshot from the local hub", () => {
  it("is the same for the same content, whoever asks: a tag and one that only inherits from it", async () => {
    const [own, inherited, again] = [await snapshot("demo"), await snapshot("child"), await snapshot("demo")]
    expect(again).toEqual({ ...own, read: "nothing" })
    expect(inherited.content).toBe(own.content)
    expect((await snapshot("child", { inherit: false })).content).not.toBe(own.content)
  })

  it("names each file by its digest, and the source says where it lies", async () => {
    const rows = await rowsOf("demo")
    const digests = rows.flatMap(({ primary, signatures }) => [
      primary,
      ...signatures.flatMap(({ copy }) => copy ?? [])
    ])
    expect(digests.length).toBeGreaterThan(40)
    const paths = await pathsOf(digests)
    for (const [index, digest] of digests.entries()) {
      const bytes = readFileSync(paths[index] ?? "")
      expect([hashOf(digest), sizeOf(digest)]).toEqual([createHash("sha256").update(bytes).digest("hex"), bytes.length])
    }
    expect(await pathsOf([digestOf(Buffer.from("no package"))])).toEqual([null])
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

describe("what is remembered of a snapshot", () => {
  it("spares reading the tag again, and is told anew when other tags change", async () => {
    const taken = await snapshot("demo")
    const text = await memory()
    expect(JSON.parse(text)).toMatchObject({
      content: taken.content,
      stamp: taken.stamp,
      moment: { event: taken.event }
    })
    await changing((hub) => hub.addTag("bystander"))
    expect(await snapshot("demo")).toEqual({ ...taken, event: taken.event + 1, read: "nothing" })
    expect(JSON.parse(await memory())).toEqual({
      ...JSON.parse(text),
      moment: { ...JSON.parse(text).moment, event: taken.event + 1, time: expect.any(Number) }
    })
  })

  it("has a version, to be raised when the same tag in the same hub comes to another content", async () => {
    const fresh = await exportRig()
    const read = Effect.flatMap(Source, (source) => source.snapshot("demo", now))
    const { content } = await fresh.run(read).finally(fresh.close)
    expect({ version: JSON.parse(await memory()).version, content }).toEqual({
      version: 1,
      content: "2567af4a39a46b497cbd02f19e50e285744fa5421ff7c7e49044c7a206a392ec/180"
    })
  })

  it("is of a tag as it is now: of an older event all is read, and nothing remembered", async () => {
    const { event } = await snapshot("demo")
    const before = await memory()
    expect((await snapshot("demo", { event })).read).toBe("all")
    expect((await snapshot("demo", { event })).read).toBe("all")
    expect(await memory()).toBe(before)
  })

  it.each([
    ["what another version wrote", (text: string) => text.replace('"version":1', '"version":0')],
    ["no JSON", () => "rubbish"],
    ["JSON of something else", () => '{"version":1}'],
    ["a digest that is none", (text: string) => text.replace(/"content":"[^"]*"/, '"content":"x"')],
    ["a content that the store has not", (text: string) => text.replace(/"content":"./, '"content":"f')],
    ["another hub", (text: string) => text.replace(/"hub":"[^"]*"/, '"hub":"another"')],
    [
      "an event at another time, as after a backup was put back",
      (text: string) => text.replace(/"time":1/, '"time":2')
    ],
    ["an event that is to come", (text: string) => text.replace(/"event":(\d+),"time"/, '"event":1$1,"time"')]
  ])("is not trusted where it is %s", async (_, change) => {
    const taken = await snapshot("demo")
    const text = await memory(change)
    expect(change(text)).not.toBe(text)
    expect(await snapshot("demo")).toEqual({ ...taken, read: "all" })
    expect(await snapshot("demo")).toEqual({ ...taken, read: "nothing" })
  })

  it("may be older than another export knows, which may have been slower to write it down", async () => {
    const taken = await snapshot("demo")
    const older = await memory()
    await changing((hub) => hub.tagBuild("demo", ["hello-1.1-1"]))
    const newer = await snapshot("demo")
    expect([newer.read, newer.content === taken.content]).toEqual(["touched", false])
    await memory(() => older)
    expect(await snapshot("demo")).toEqual(newer)
    await changing((hub) => hub.untagBuild("demo", ["hello-1.1-1"]))
  })

  it("is not looked at by who wants all read afresh", async () => {
    const taken = await snapshot("demo")
    const afresh = Effect.flatMap(Source, (source) => source.snapshot("demo", now, { afresh: true }))
    expect(await rig.run(afresh)).toEqual({ ...taken, read: "all" })
  })
})

describe("a snapshot that is taken while builds are tagged", () => {
  it("names the event at which the hub had just this content, whatever is tagged meanwhile", async () => {
    const tagging = Layer.map(Layer.service(Hub), (context) => {
      const hub = Context.get(context, Hub)
      return Context.make(Hub, {
        ...hub,
        tagContent: (tag, options, use, check, former) =>
          Effect.tap(hub.tagContent(tag, options, use, check, former), () =>
            Effect.orDie(hub.tagBuild("demo", ["hello-1.1-1"], { force: true }))
          )
      })
    })
    const read = Effect.flatMap(Source, (source) => source.snapshot("demo", now)).pipe(
      Effect.provide(Layer.provide(layerLocalHub, tagging))
    )
    const taken = await rig.run(read)
    const later = await snapshot("demo")
    expect(later.content).not.toBe(taken.content)
    expect(later.event).toBe(taken.event + 1)
    expect((await snapshot("demo", { event: taken.event })).content).toBe(taken.content)
    await changing((hub) => hub.untagBuild("demo", ["hello-1.1-1"]))
  })
})

describe("the causes of another content", () => {
  const causes = (tag: string, since: number, request: Partial<ContentRequest> = {}) =>
    rig.run(Effect.flatMap(Source, (source) => source.causes(tag, { ...now, ...request }, since)))
  const words = async (...args: Parameters<typeof causes>) =>
    (await causes(...args)).map(({ event, sigkey, subject, tag, what }) =>
      [event - args[1], what, subject, ...(tag === null ? [] : ["in", tag]), ...(sigkey === null ? [] : [sigkey])].join(
        " "
      )
    )

  it("are what happened since to the tag and its parents, and to files, in the order of events", async () => {
    const { event: since } = await snapshot("child")
    await changing((hub) =>
      Effect.all([
        hub.untagBuild("demo", ["hello-1.0-1"]),
        hub.tagBuild("demo", ["hello-1.0-1", "hello-1.1-1"]),
        hub.tagBuild("demo", ["hello-1.1-1"], { force: true }),
        hub.addTag("elsewhere"),
        hub.addTagInheritance("child", "elsewhere", { priority: 5 }),
        hub.blockPackages("child", ["minish", "weather"]),
        hub.unblockPackages("child", ["weather"]),
        hub.removeTagInheritance("child", "elsewhere"),
        hub.addPackages("elsewhere", ["hello"]),
        hub.tagBuild("elsewhere", ["hello-1.0-1"]),
        hub.writeSignedRpms(fixtureKeys.a, ["hello-1.0-1.src"], { force: true })
      ])
    )
    expect(await words("child", since)).toEqual([
      "1 build-untagged hello-1.0-1 in demo",
      "2 build-tagged hello-1.0-1 in demo",
      "3 build-tagged hello-1.1-1 in demo",
      "4 build-tagged hello-1.1-1 in demo",
      "6 inheritance-changed elsewhere in child",
      "7 package-blocked minish in child",
      "7 package-blocked weather in child",
      "8 package-unblocked weather in child",
      "9 inheritance-changed elsewhere in child"
    ])
    expect(await words("child", since, { inherit: false })).toEqual((await words("child", since)).slice(4))
    expect(await words("child", since, { event: since + 2 })).toEqual((await words("child", since)).slice(0, 2))
    expect((await causes("child", since))[0]?.time).toBe(
      Math.floor((await rig.hub((hub) => hub.event(since + 1))).time / 1000)
    )
    expect(await words("demo", since + 4)).toEqual([])
  })

  it("are rpms, signatures and signed copies that came, of builds that are or were in one of the tags", async () => {
    const found = (await causes("child", 0)).filter(({ tag }) => tag === null)
    const hello = found.filter(({ subject }) => subject === "hello-1.0-1")
    expect(hello.map(({ sigkey, what }) => [what, sigkey])).toEqual([
      ["rpms-imported", null],
      ["signature-imported", fixtureKeys.a],
      ["signature-imported", fixtureKeys.b],
      ["signed-copy-written", fixtureKeys.a],
      ["signed-copy-written", fixtureKeys.b]
    ])
    expect(hello[0]?.event).toBeLessThan(hello[1]?.event ?? 0)
    expect(found.map(({ subject }) => subject)).toContain("weather-2.0~rc1-1")
    expect(found.map(({ subject }) => subject)).not.toContain("scratchpad-0.1-1")
    expect((await causes("child", 0, { inherit: false })).filter(({ tag }) => tag === null)).toEqual([])
  })
})
