import { existsSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Layer, Schema } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { layerDirectory, RunFailed } from "../../graph/index.ts"
import { distRepo } from "../../src/export/dist-repo.ts"
import type { DistRepoRequest } from "../../src/export/request.ts"
import { RepoStory, tellStory } from "../../src/export/story.ts"
import { Hub } from "../../src/hub/hub.ts"
import { layerLocalHub } from "../../src/source/local-hub.ts"
import { type ExportRig, exportRig, rigRequest } from "../kit/export-rig.ts"
import { type FixtureCopy, fixture, fixtureKeys, fixtureNames } from "../kit/fixtures.ts"

let rig: ExportRig

beforeEach(async () => {
  rig = await exportRig({ in: existsSync("/dev/shm") ? "/dev/shm" : tmpdir() })
})
afterEach(() => rig.close())

/** Exports, publishing something, and tells its story. */
const told = async (over: Partial<DistRepoRequest> = {}): Promise<RepoStory> => {
  const { options, previous, repo, run } = await rig.publish(over)
  return rig.run(tellStory({ ...rigRequest, ...over }, { run, repo: repo.id, previous, options }))
}

const lastEvent = async () => {
  const event = await rig.hub((hub) => hub.lastEvent)
  return { event: event?.id, time: Math.floor((event?.time ?? 0) / 1000) }
}

const noEvent = { event: null, time: null, tag: null, what: null }

const weather = (kind: "added" | "removed", side: "after" | "before") => ({
  kind,
  subject: "weather",
  [side]: "weather-2.0~rc1-1",
  detail: "3 rpms"
})

describe("the story of an export", () => {
  it("has nothing to compare a tag's first export with", async () => {
    const story = await told()
    expect(story).toMatchObject({ format: 1, tag: "demo", previous: null, content: [], options: [] })
    expect(story.graph.baseline).toBeNull()
    expect(story.graph.root?.outcome).toMatchObject({ _tag: "Ran", reason: { _tag: "NeverBuilt" } })
  })

  it("says which build replaced which, and the event that tagged it", async () => {
    const first = await told()
    await rig.hub((hub) => hub.tagBuild("demo", ["hello-1.1-1"]))
    const story = await told()
    expect(story.previous).toBe(first.repo)
    expect(story.content).toEqual([
      {
        kind: "replaced",
        subject: "hello",
        before: "hello-1.0-1",
        after: "hello-1.1-1",
        detail: "3 rpms",
        tag: "demo",
        what: "build-tagged",
        ...(await lastEvent())
      }
    ])
    expect(story.options).toEqual([])
  })

  it("says after an untagging which event that was, although a build came back", async () => {
    await rig.hub((hub) => hub.tagBuild("demo", ["hello-1.1-1"]))
    await told()
    await rig.hub((hub) => hub.untagBuild("demo", ["hello-1.1-1"]))
    const untagged = await lastEvent()
    // something else happens meanwhile
    await rig.hub((hub) => hub.addTag("elsewhere"))
    expect((await told()).content).toEqual([
      {
        kind: "replaced",
        subject: "hello",
        before: "hello-1.1-1",
        after: "hello-1.0-1",
        detail: "3 rpms",
        tag: "demo",
        what: "build-untagged",
        ...untagged
      }
    ])
  })

  it("says of a build that came or went when it did", async () => {
    await told()
    await rig.hub((hub) => hub.untagBuild("demo", ["weather-2.0~rc1-1"]))
    const event = await lastEvent()
    expect((await told()).content).toEqual([
      { ...weather("removed", "before"), tag: "demo", what: "build-untagged", ...event }
    ])
    await rig.hub((hub) => hub.tagBuild("demo", ["weather-2.0~rc1-1"]))
    const back = await lastEvent()
    expect((await told()).content).toEqual([
      { ...weather("added", "after"), tag: "demo", what: "build-tagged", ...back }
    ])
  })

  it("names the parent in which a build was tagged", async () => {
    await rig.hub((hub) => hub.addTag("child", { arches: "x86_64" }))
    await rig.hub((hub) => hub.addTagInheritance("child", "demo"))
    await told({ tag: "child" })
    await rig.hub((hub) => hub.tagBuild("demo", ["hello-1.1-1"]))
    const event = await lastEvent()
    expect((await told({ tag: "child" })).content).toMatchObject([{ subject: "hello", tag: "demo", ...event }])
  })

  it("says that a package was blocked or unblocked, and when a parent came or went", async () => {
    await rig.hub((hub) => hub.addTag("child", { arches: "x86_64 aarch64" }))
    await rig.hub((hub) => hub.addTagInheritance("child", "demo"))
    await told({ tag: "child" })
    await rig.hub((hub) => hub.blockPackages("child", ["weather"]))
    const blocked = await lastEvent()
    // neither of these has to do with it
    await rig.hub((hub) => hub.tagBuild("demo", ["weather-2.0~rc1-1"], { force: true }))
    await rig.hub((hub) => hub.blockPackages("child", ["forecast"]))
    expect((await told({ tag: "child" })).content).toEqual([
      { ...weather("removed", "before"), tag: "child", what: "package-blocked", ...blocked }
    ])
    await rig.hub((hub) => hub.unblockPackages("child", ["weather"]))
    const unblocked = await lastEvent()
    expect((await told({ tag: "child" })).content).toEqual([
      { ...weather("added", "after"), tag: "child", what: "package-unblocked", ...unblocked }
    ])
    await rig.hub((hub) => hub.addTag("other"))
    await rig.hub((hub) => hub.addPackages("other", ["weather"]))
    await rig.hub((hub) => hub.tagBuild("other", ["weather-2.0~rc1-1"]))
    await rig.hub((hub) => hub.addTagInheritance("child", "other", { priority: 1 }))
    await rig.hub((hub) => hub.removeTagInheritance("child", "demo"))
    const removed = await lastEvent()
    const { content } = await told({ tag: "child" })
    expect(content.length).toBeGreaterThan(3)
    for (const change of content) {
      expect(change).toMatchObject({ kind: "removed", tag: "child", what: "inheritance-changed", ...removed })
    }
  })

  it("says of each signature and signed copy that came when it did", async () => {
    const hello = (copy: FixtureCopy) =>
      fixtureNames(copy).flatMap((name) => (name.startsWith("hello-1.0") ? [fixture(copy, name)] : []))
    const topdir = join(rig.folder, "fresh")
    const layers = Layer.merge(Layer.provideMerge(layerLocalHub, Hub.layer(topdir)), layerDirectory(rig.store))
    const request: DistRepoRequest = { ...rigRequest, keys: [fixtureKeys.b], missingSignatures: "allow" }
    const content = await Effect.runPromise(
      Effect.gen(function* () {
        const hub = yield* Hub
        yield* hub.importRpms(hello("unsigned"))
        yield* hub.addTag("demo", { arches: "x86_64" })
        yield* hub.addPackages("demo", ["hello"])
        yield* hub.tagBuild("demo", ["hello-1.0-1"])
        yield* distRepo(request)
        const first = (yield* hub.lastEvent)?.id ?? 0
        yield* hub.importSignatures(hello("key-b"))
        yield* hub.importSignatures(hello("key-a"), { write: false })
        yield* hub.addTag("elsewhere")
        const result = yield* distRepo(request)
        if (result._tag !== "Published") throw new Error("nothing changed")
        yield* hub.writeSignedRpms(fixtureKeys.a, ["hello-1.0-1.src"])
        const again = yield* distRepo(request)
        if (again._tag !== "Published") throw new Error("nothing changed")
        const stories = yield* Effect.forEach([result, again], (made) => tellStory(request, { ...made, repo: null }))
        return stories.map((story) =>
          story.content.map(({ after, event, tag, what }) => [after, (event ?? 0) - first, what, tag])
        )
      }).pipe(Effect.provide(layers))
    )
    expect(content).toEqual([
      [
        [`signature ${fixtureKeys.a} appeared`, 2, "signature-imported", null],
        [`signature ${fixtureKeys.b} appeared`, 1, "signature-imported", null]
      ],
      [[`signed copy ${fixtureKeys.a} written`, 4, "signed-copy-written", null]]
    ])
  })

  it("knows no tagging of a build that only another option shows", async () => {
    await rig.hub((hub) => hub.tagBuild("demo", ["hello-1.1-1"]))
    await told()
    expect((await told({ latest: false })).content).toEqual([
      { kind: "added", subject: "hello", after: "hello-1.0-1", detail: "3 rpms", ...noEvent }
    ])
  })

  it("says which options are others", async () => {
    await told()
    const story = await told({ keys: [fixtureKeys.b, fixtureKeys.a], compression: "zstd" })
    expect(story.content).toEqual([])
    expect(story.options.map(({ after, before, field }) => [field, before, after])).toEqual([
      ["keys", `["${fixtureKeys.a}"]`, `["${fixtureKeys.b}","${fixtureKeys.a}"]`],
      ["compression", '"gz"', '"zstd"']
    ])
  })

  it("says that all was there already where an export was forced", async () => {
    const { repo } = await told()
    const story = await told({ force: true })
    expect(story.previous).toBe(repo)
    expect([story.content, story.options, story.graph.ran]).toEqual([[], [], []])
    expect(story.graph.root?.outcome._tag).toBe("Hit")
  })

  it("counts what ran and what was reused, with the reason of each", async () => {
    await told()
    await rig.hub((hub) => hub.tagBuild("demo", ["hello-1.1-1"]))
    const { graph } = await told()
    const ran = new Map(graph.ran.map(({ nodes, rule }) => [rule, nodes]))
    const reused = new Map(graph.reused.map(({ nodes, rule }) => [rule, nodes]))
    expect(ran.get("package-metadata")).toBe(2)
    expect(ran.get("repository")).toBe(2)
    expect(reused.get("metadata-run")).toBeGreaterThan(0)
    expect(graph.savedMs).toBeGreaterThan(0)
    expect(JSON.stringify(graph.root)).toContain('"label":"hello-1.1-1.x86_64"')
  })

  it("of an export that failed names what stood in the way, and what had wanted it", async () => {
    await told()
    await rig.hub((hub) => hub.tagBuild("demo", ["scratchpad-0.1-1"]))
    const failed = await rig.exportFailure()
    if (!(failed instanceof RunFailed)) throw failed
    const story = await rig.run(
      tellStory(rigRequest, { run: failed.run, repo: null, previous: null, options: "", failed })
    )
    expect(story).toMatchObject({ repo: null, content: [], graph: { root: null } })
    expect(story.graph.failed).toMatchObject([{ node: "signed-lookup", upstreamFailed: ["dist-repo"] }])
    expect(story.graph.failed[0]?.message).toContain("scratchpad-0.1-1.noarch")
  })

  it("is the same after a round through its JSON", async () => {
    await told()
    await rig.hub((hub) => hub.tagBuild("demo", ["hello-1.1-1"]))
    const story = await told({ compression: "zstd" })
    const json = JSON.stringify(await Effect.runPromise(Schema.encode(RepoStory)(story)))
    expect(Schema.decodeUnknownSync(Schema.parseJson(RepoStory))(json)).toEqual(story)
  })
})
