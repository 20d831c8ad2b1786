import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Clock, Context, Duration, Effect, Layer, TestClock, TestContext } from "effect"
import { describe, expect, it } from "vitest"
import { UnusableContent } from "../../../rules/index.ts"
import type { TagOutcome } from "../../../src/export/watch/export-tag.ts"
import { type WatchEvent, watchTags } from "../../../src/export/watch/watch-tags.ts"
import { Hub } from "../../../src/hub/hub.ts"
import { layerLocalHub } from "../../../src/source/local-hub.ts"
import { layerLocalTagFeed } from "../../../src/source/local-tag-feed.ts"
import { SourceError } from "../../../src/source/source.ts"
import { TagFeed } from "../../../src/source/tag-feed.ts"
import { fixture, fixtureNames } from "../../kit/fixtures.ts"

/** A real hub and its feed, on a clock that a test moves. An export takes as long as the test says, and gives what it says. */
const live = (
  test: (world: {
    readonly hub: Hub["Type"]
    /** Lets seconds pass. */
    readonly pass: (seconds: number) => Effect.Effect<void>
    /** What happened to the exports, each with its second: `12 f42 begins, reads 3`. */
    readonly log: ReadonlyArray<string>
    readonly told: ReadonlyArray<WatchEvent>
    /** Of exports that begin from now on. */
    readonly exports: { lasts: number; outcome: (tag: string) => TagOutcome }
    /** What the hub cannot be asked for; "" where it can. */
    readonly trouble: { reason: string }
  }) => Effect.Effect<void, Error>
): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "distgraph-watch-"))
  const log: Array<string> = []
  const told: Array<WatchEvent> = []
  const done: TagOutcome = { _tag: "UpToDate", repo: { id: 1, path: "" } }
  const exports = { lasts: 5, outcome: (_: string): TagOutcome => done }
  const trouble = { reason: "" }
  const note = (text: string) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      log.push(`${now / 1000} ${text}`)
    })
  const program = Effect.gen(function* () {
    const hub = yield* Hub
    yield* hub.importRpms(fixtureNames("unsigned").map((name) => fixture("unsigned", name)))
    const enabled = { "tag2distrepo.enabled": true }
    yield* hub.addTag("f42", { arches: "x86_64", extra: enabled })
    yield* hub.addTag("f42-keen", { arches: "x86_64", extra: { ...enabled, "distrepo.cancel_others": true } })
    yield* hub.addTag("other", { arches: "x86_64" })
    yield* Effect.forEach(["f42", "f42-keen", "other"], (tag) => hub.addPackages(tag, ["hello", "weather", "minish"]))
    const watching = watchTags<never>({
      pace: { quiet: 10_000, longest: 60_000 },
      chosen: () => true,
      exportTag: ({ name }, onRead) =>
        Effect.gen(function* () {
          const event = (yield* Effect.orDie(hub.lastEvent))?.id ?? 0
          onRead(event)
          yield* note(`${name} begins, reads ${event}`)
          const { lasts, outcome } = exports
          yield* Effect.sleep(Duration.seconds(lasts))
          yield* note(`${name} ends`)
          return outcome(name)
        }).pipe(Effect.onInterrupt(() => note(`${name} is interrupted`))),
      tell: (event) => Effect.sync(() => told.push(event))
    })
    const watch = yield* Effect.fork(watching)
    const pass = (seconds: number) => Effect.repeatN(TestClock.adjust("1 second"), seconds - 1)
    yield* pass(40)
    const both = ["10 f42 begins", "15 f42 ends", "15 f42-keen begins", "20 f42-keen ends"]
    expect(log.map((line) => line.split(",")[0])).toEqual(both)
    log.length = 0
    yield* test({ hub, pass, log, told, exports, trouble })
    yield* Effect.sync(() => watch.unsafeInterruptAsFork(watch.id()))
  })
  const feed = Layer.map(layerLocalTagFeed(Duration.seconds(2)), (context) => {
    const local = Context.get(context, TagFeed)
    const { tags } = local
    const troubled = Effect.suspend(() =>
      trouble.reason === "" ? tags : new SourceError({ kind: "unavailable", event: null, reason: trouble.reason })
    )
    return Context.make(TagFeed, { ...local, tags: troubled })
  })
  const layers = Layer.provideMerge(Layer.merge(feed, layerLocalHub), Hub.layer(join(folder, "topdir")))
  return Effect.runPromise(program.pipe(Effect.provide(layers), Effect.provide(TestContext.TestContext))).finally(() =>
    rmSync(folder, { recursive: true, force: true })
  )
}

describe("watching tags of a real hub", () => {
  it("makes one export of a burst, with its last event, and none of tags that were not touched", () =>
    live(({ hub, log, pass }) =>
      Effect.gen(function* () {
        for (const build of ["hello-1.0-1", "weather-2.0~rc1-1", "minish-5-2"]) {
          yield* hub.tagBuild("f42", [build])
          yield* pass(4)
        }
        const last = (yield* hub.lastEvent)?.id
        yield* pass(40)
        // the last was at 48, and noticed two seconds later
        expect(log).toEqual([`60 f42 begins, reads ${last}`, "65 f42 ends"])
        yield* hub.tagBuild("other", ["minish-5-2"])
        yield* pass(40)
        expect(log).toHaveLength(2)
      })
    ))

  it("exports a tag again after a change that came while its export was under way", () =>
    live(({ exports, hub, log, pass }) =>
      Effect.gen(function* () {
        exports.lasts = 30
        yield* hub.tagBuild("f42", ["hello-1.0-1"])
        yield* pass(15)
        const first = (yield* hub.lastEvent)?.id
        yield* hub.tagBuild("f42", ["minish-5-2"])
        const second = (yield* hub.lastEvent)?.id
        yield* pass(100)
        expect(log).toEqual([
          `52 f42 begins, reads ${first}`,
          "82 f42 ends",
          `82 f42 begins, reads ${second}`,
          "112 f42 ends"
        ])
      })
    ))

  it("interrupts it, and begins anew at the newer event, where the tag has distrepo.cancel_others", () =>
    live(({ exports, hub, log, pass, told }) =>
      Effect.gen(function* () {
        exports.lasts = 30
        yield* hub.tagBuild("f42-keen", ["hello-1.0-1"])
        yield* pass(15)
        const first = (yield* hub.lastEvent)?.id
        yield* hub.tagBuild("f42-keen", ["minish-5-2"])
        const second = (yield* hub.lastEvent)?.id
        yield* pass(100)
        expect(log).toEqual([
          `52 f42-keen begins, reads ${first}`,
          "56 f42-keen is interrupted",
          `66 f42-keen begins, reads ${second}`,
          "96 f42-keen ends"
        ])
        expect(told).toContainEqual({ _tag: "Supersedes", tag: "f42-keen" })
      })
    ))

  it("goes on with other tags where one fails, and tries that one again", () =>
    live(({ exports, hub, log, pass }) =>
      Effect.gen(function* () {
        const broken: TagOutcome = { _tag: "Failed", error: { _tag: "DiskFull", message: "no space left on device" } }
        const { outcome } = exports
        exports.outcome = (tag) => (tag === "f42" ? broken : outcome(tag))
        yield* hub.tagBuild("f42", ["hello-1.0-1"])
        yield* hub.tagBuild("f42-keen", ["hello-1.0-1"])
        yield* pass(40)
        expect(log.map((line) => line.split(",")[0])).toEqual([
          "52 f42 begins",
          "57 f42 ends",
          "57 f42-keen begins",
          "62 f42-keen ends"
        ])
        yield* pass(50)
        expect(log.slice(4).map((line) => line.split(",")[0])).toEqual(["117 f42 begins", "122 f42 ends"])
      })
    ))

  it("looks at a tag that waits for signatures when the time is up, and before that when something happens", () =>
    live(({ exports, hub, log, pass }) =>
      Effect.gen(function* () {
        const { outcome } = exports
        const unsigned = [{ nvra: "hello-1.0-1.x86_64", available: [""] }]
        const problem = new UnusableContent({ keys: ["b234aeac"], unsigned, missingFiles: [], sameFileNames: [] })
        exports.outcome = () => ({ _tag: "Waiting", problem, patience: { since: 40_000, until: 200_000 } })
        yield* hub.tagBuild("f42", ["hello-1.0-1"])
        yield* pass(40)
        yield* hub.importSignatures([fixture("key-a", "hello-1.0-1.x86_64.rpm")])
        yield* pass(40)
        exports.outcome = outcome
        yield* pass(120)
        const begins = log.flatMap((line) => (line.includes("begins") ? [line.split(",")[0]] : []))
        expect(begins).toEqual(["52 f42 begins", "92 f42 begins", "200.001 f42 begins"])
      })
    ))

  it("follows what tags ask for: one that cannot be exported is told of, and exported once it was mended", () =>
    live(({ hub, log, pass, told }) =>
      Effect.gen(function* () {
        yield* hub.editTag("other", { extra: { "tag2distrepo.enabled": true, "tag2distrepo.keys": 12345678 } })
        yield* hub.tagBuild("other", ["hello-1.0-1"])
        yield* pass(30)
        expect(log).toEqual([])
        expect(told.at(-1)).toMatchObject({ _tag: "Watches", tag: { name: "other", watching: { _tag: "Unusable" } } })
        yield* hub.editTag("other", { extra: { "tag2distrepo.keys": "12345678" } })
        yield* pass(30)
        expect(log.map((line) => line.split(",")[0])).toEqual(["82 other begins", "87 other ends"])
        yield* hub.editTag("other", { extra: { "tag2distrepo.enabled": false } })
        yield* pass(10)
        expect(told.at(-1)).toEqual({ _tag: "Drops", tag: "other" })
      })
    ))

  it("looks at a tag that inherits when its parent changes, and only then if it exports what it inherits", () =>
    live(({ hub, log, pass }) =>
      Effect.gen(function* () {
        yield* hub.addTagInheritance("f42", "other")
        yield* hub.addTagInheritance("f42-keen", "other")
        yield* hub.editTag("f42", { extra: { "tag2distrepo.inherit": true } })
        yield* pass(40)
        const before = log.length
        yield* hub.tagBuild("other", ["hello-1.0-1"])
        yield* pass(30)
        expect(log.slice(before).map((line) => line.split(",")[0])).toEqual(["92 f42 begins", "97 f42 ends"])
      })
    ))

  it("asks a hub again that cannot be asked, says so once, and misses nothing that happened meanwhile", () =>
    live(({ hub, log, pass, told, trouble }) =>
      Effect.gen(function* () {
        trouble.reason = "database is locked"
        yield* hub.tagBuild("f42", ["hello-1.0-1"])
        yield* pass(20)
        yield* hub.tagBuild("f42-keen", ["hello-1.0-1"])
        yield* pass(20)
        expect(told.filter(({ _tag }) => _tag === "CannotLook")).toHaveLength(1)
        expect(log).toEqual([])
        trouble.reason = ""
        yield* pass(30)
        expect(log.map((line) => line.split(" ").slice(1, 3).join(" "))).toEqual([
          "f42 begins,",
          "f42 ends",
          "f42-keen begins,",
          "f42-keen ends"
        ])
      })
    ))
})
