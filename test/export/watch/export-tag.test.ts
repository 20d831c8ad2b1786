import { rmSync } from "node:fs"
import { join } from "node:path"
import { Duration, Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { assess } from "../../../src/export/watch/assess.ts"
import { exportTag, type TagOutcome } from "../../../src/export/watch/export-tag.ts"
import { type CommonOptions, tagRequest } from "../../../src/export/watch/tag-request.ts"
import type { HubService } from "../../../src/hub/hub.ts"
import type { Tag2distrepo } from "../../../src/koji/tag2distrepo.ts"
import { layerLocalTagFeed } from "../../../src/source/local-tag-feed.ts"
import { type ExportRig, exportRig, rigRequest } from "../../kit/export-rig.ts"
import { fixture, fixtureKeys } from "../../kit/fixtures.ts"

let rig: ExportRig
beforeEach(async () => {
  rig = await exportRig({ builds: ["hello-1.0-1", "minish-5-2"] })
})
afterEach(() => rig.close())

const common: CommonOptions = { ...rigRequest, debugLayout: "own" }
const byKeyA: Tag2distrepo = {
  keys: [fixtureKeys.a],
  arches: ["x86_64", "aarch64"],
  inherit: true,
  latest: true,
  splitDebuginfo: false
}

const hour = 3_600_000

const turn = (
  options: Partial<Tag2distrepo> = {},
  { onRead = () => {}, patience = hour }: Turn = {}
): Promise<TagOutcome> => {
  const exporting = exportTag(tagRequest("demo", { ...byKeyA, ...options }, common), patience, {
    onEvent: () => {},
    onRead
  })
  return rig.run(Effect.provide(exporting, layerLocalTagFeed(Duration.seconds(1))))
}
interface Turn {
  readonly patience?: number
  readonly onRead?: (event: number) => void
}

const why = (options: Partial<Tag2distrepo> = {}) =>
  rig
    .run(assess(tagRequest("demo", { ...byKeyA, ...options }, common)))
    .then((found) => (found._tag === "Due" ? found.because : found._tag))

describe("a watched tag's turn", () => {
  it("makes a repo where there is none, where content or options changed, and where it is gone; else none", async () => {
    expect(await why()).toEqual({ _tag: "NoRepo" })
    expect(await turn()).toMatchObject({ _tag: "Published", repo: { id: 1 } })
    expect(await turn()).toMatchObject({ _tag: "UpToDate", repo: { id: 1 } })

    const { createEvent } = await rig.hub((hub) => hub.repo(1))
    await rig.hub((hub) => hub.tagBuild("demo", ["hello-1.1-1"]))
    expect(await why()).toEqual({ _tag: "OtherContent", repo: 1, event: createEvent })
    expect(await turn()).toMatchObject({ _tag: "Published", repo: { id: 2 } })

    expect(await why({ latest: false })).toEqual({ _tag: "NoRepo" })
    expect(await turn({ latest: false })).toMatchObject({ _tag: "Published", repo: { id: 3 } })

    rmSync(join(rig.tagDir(), "3", "x86_64"), { recursive: true })
    expect(await why({ latest: false })).toEqual({ _tag: "RepoGone", repo: 3 })
    expect(await turn({ latest: false })).toMatchObject({ _tag: "Published", repo: { id: 4 } })
  })

  it("leaves a repo alone that someone made with other options, and the one that it made before", async () => {
    await turn()
    await rig.publish({ keys: [fixtureKeys.b], missingSignatures: "allow" })
    expect(await turn()).toMatchObject({ _tag: "UpToDate", repo: { id: 1 } })
    expect(await rig.repoStates()).toEqual(["1 READY", "2 READY"])
  })

  it("makes none for signatures that change no rpm's choice", async () => {
    const fresh = await exportRig({ builds: ["hello-1.0-1"], copies: false })
    rig.close()
    rig = fresh
    const before = await turn({ keys: [] })
    expect(before).toMatchObject({ _tag: "Published", repo: { id: 1 } })
    // new signed copies: another content, but without keys the same files
    await rig.hub((hub) => hub.importSignatures([fixture("key-a", "hello-1.0-1.x86_64.rpm")]))
    expect(await turn({ keys: [] })).toMatchObject({ _tag: "UpToDate", repo: { id: 1 } })
    // to people who ask for that key it is another one
    expect(await turn()).toMatchObject({ _tag: "Published", repo: { id: 2 } })
  })

  it("writes signed copies that are missing, of inherited packages too, and reads the content after that", async () => {
    const fresh = await exportRig({ builds: ["hello-1.0-1"], copies: false })
    rig.close()
    rig = fresh
    await rig.hub((hub) =>
      Effect.gen(function* () {
        yield* hub.addTag("parent")
        yield* hub.addPackages("parent", ["minish"])
        yield* hub.tagBuild("parent", ["minish-5-2"])
        yield* hub.addTagInheritance("demo", "parent")
      })
    )
    let read = 0
    const outcome = await turn({}, { onRead: (event) => (read = event) })
    if (outcome._tag !== "Published") throw new Error(JSON.stringify(outcome))
    const { createEvent } = await rig.hub((hub) => hub.repo(outcome.repo.id))
    // an export that changes the hub itself must not take that for news
    expect(read).toBe(createEvent)
    expect((await rig.hub((hub) => hub.lastEvent))?.id).toBe(createEvent)
    const copies = (hub: HubService) =>
      Effect.map(hub.buildRpms("minish-5-2"), (rpms) =>
        rpms.flatMap(({ arch, signatures }) =>
          signatures.some(({ copy, sigkey }) => sigkey === fixtureKeys.a && copy !== null) ? [arch] : []
        )
      )
    expect((await rig.hub(copies)).toSorted()).toEqual(["aarch64", "x86_64"])
  })

  it("names all rpms without a signature, waits until the time is up, and is refused then", async () => {
    await rig.hub((hub) => hub.tagBuild("demo", ["scratchpad-0.1-1", "forecast-0.9^git20240131.abc1234-2"]))
    const unsigned = [
      { nvra: "forecast-0.9^git20240131.abc1234-2.noarch", available: ["", fixtureKeys.b] },
      { nvra: "scratchpad-0.1-1.noarch", available: [""] }
    ]
    const { time: tagged } = await rig.hub((hub) => Effect.flatMap(hub.lastEvent, (last) => hub.event(last?.id ?? 0)))
    const waiting = await turn()
    expect(waiting).toMatchObject({ _tag: "Waiting", problem: { keys: [fixtureKeys.a], unsigned } })
    if (waiting._tag !== "Waiting") return
    // both were tagged by one command, one after the other
    expect(waiting.patience.since).toBeGreaterThan(tagged - 1000)
    expect(waiting.patience.since).toBeLessThanOrEqual(tagged)
    expect(waiting.patience.until).toBe(waiting.patience.since + hour)

    expect(await turn({}, { patience: 0 })).toMatchObject({ _tag: "Refused", problem: { unsigned } })
    expect(await rig.repoStates()).toEqual([])
  })

  it("fails as an outcome whatever goes wrong", async () => {
    expect(await turn({ arches: ["nonesuch"] })).toMatchObject({ _tag: "Failed", error: { _tag: "BadRequest" } })
  })
})
