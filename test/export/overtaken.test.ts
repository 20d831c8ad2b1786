import { Effect } from "effect"
import { afterEach, beforeEach, expect, it } from "vitest"
import { distRepo } from "../../src/export/dist-repo.ts"
import type { DistRepoRequest } from "../../src/export/request.ts"
import { Hub } from "../../src/hub/hub.ts"
import { Source } from "../../src/source/source.ts"
import { type ExportRig, exportRig, rigRequest } from "../kit/export-rig.ts"

let rig: ExportRig
beforeEach(async () => {
  rig = await exportRig({ builds: ["hello-1.0-1"] })
})
afterEach(() => rig.close())

/** An export that has read the tag when a build is tagged, and another export publishes that. */
const overtaken = (request: Partial<DistRepoRequest>, other: Partial<DistRepoRequest> = {}) =>
  rig.run(
    Effect.gen(function* () {
      const hub = yield* Hub
      const source = yield* Source
      const meanwhile = Effect.zipRight(
        Effect.orDie(hub.tagBuild("demo", ["hello-1.1-1"])),
        Effect.provideService(Effect.orDie(distRepo({ ...rigRequest, ...other })), Source, source)
      ).pipe(Effect.provideService(Hub, hub))
      return yield* Effect.provideService(distRepo({ ...rigRequest, ...request }), Source, {
        ...source,
        snapshot: (tag, wanted, options) => Effect.tap(source.snapshot(tag, wanted, options), () => meanwhile)
      })
    })
  )

it("publishes nothing over a repo of the same options whose content is of a newer event", async () => {
  expect(await overtaken({})).toMatchObject({
    _tag: "Overtaken",
    repo: { id: 1, path: `${rig.tagDir()}/1`, createEvent: (await rig.hub((hub) => hub.lastEvent))?.id }
  })
  expect(await rig.repoStates()).toEqual(["1 READY"])
})

it("publishes it where it is forced, or the newer repo has other options", async () => {
  expect(await overtaken({ force: true })).toMatchObject({ _tag: "Published", repo: { id: 2, latest: 1 } })
  await rig.hub((hub) => hub.untagBuild("demo", ["hello-1.1-1"]))
  expect(await overtaken({ latest: false }, { compression: "zstd" })).toMatchObject({ _tag: "Published" })
})
