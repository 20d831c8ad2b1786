import { renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { ExportEvent } from "../../src/export/dist-repo.ts"
import type { DistRepoRequest } from "../../src/export/request.ts"
import { tellStory } from "../../src/export/story.ts"
import { type ExportRig, exportRig, rigRequest } from "../kit/export-rig.ts"
import { fixtureKeys } from "../kit/fixtures.ts"

let rig: ExportRig
beforeEach(async () => {
  rig = await exportRig()
})
afterEach(() => rig.close())

const told = async (over: Partial<DistRepoRequest> = {}) => {
  const { options, previous, repo, run } = await rig.publish(over)
  return rig.run(tellStory({ ...rigRequest, ...over }, { run, repo: repo.id, previous, options }))
}

describe("an export while another publishes", () => {
  it("says after a second that it waits, and then goes on", async () => {
    const events: Array<string> = []
    const { promise: waited, resolve } = Promise.withResolvers<void>()
    const { promise: held, resolve: hold } = Promise.withResolvers<void>()
    const holding = rig.hub((hub) =>
      hub.withPublishLock(
        Effect.zipRight(
          Effect.sync(hold),
          Effect.promise(() => waited)
        )
      )
    )
    await held
    const began = performance.now()
    const onEvent = ({ _tag }: ExportEvent): void => {
      events.push(_tag)
      if (_tag === "WaitsForPublication") resolve()
    }
    await rig.publish({}, { onEvent })
    await holding
    expect(performance.now() - began).toBeGreaterThan(1000)
    expect(events.filter((event) => event === "WaitsForPublication")).toEqual(["WaitsForPublication"])
    await rig.publish({ force: true }, { onEvent })
    expect(events.filter((event) => event === "WaitsForPublication")).toHaveLength(1)
  })
})

describe("a repo that stands", () => {
  it("must be there with the metadata of every arch, or it is made anew", async () => {
    const { repo } = await rig.publish()
    expect((await rig.export())._tag).toBe("Unchanged")
    rmSync(join(repo.path, "aarch64"), { recursive: true })
    expect((await rig.publish()).repo.id).toBe(2)
  })
})

describe("what a story compares an export with", () => {
  it("is the repo before, also where a run in between was never published", async () => {
    await rig.publish()
    await rig.hub((hub) => hub.tagBuild("demo", ["hello-1.1-1"]))
    const package_ = join(rig.topdir, "packages/minish/5/2/data/signed", fixtureKeys.a, "x86_64/minish-5-2.x86_64.rpm")
    renameSync(package_, `${package_}.away`)
    expect((await rig.exportFailure())._tag).toBe("PackagesGone")
    renameSync(`${package_}.away`, package_)
    const story = await told()
    expect(story.content).toMatchObject([{ kind: "replaced", before: "hello-1.0-1", after: "hello-1.1-1" }])
  })

  it("is the newest repo of the same options where there is one", async () => {
    await rig.publish()
    await rig.publish({ keys: [fixtureKeys.b], missingSignatures: "skip" })
    await rig.hub((hub) => hub.tagBuild("demo", ["hello-1.1-1"]))
    const story = await told()
    expect(story.previous).toBe(1)
    expect(story.options).toEqual([])
    expect((await told({ arches: ["x86_64"] })).previous).toBe(3)
  })

  it("tells a change of the request, also where nothing in the tag or the graph changed", async () => {
    await rig.publish()
    expect((await told({ layout: "copy" })).options).toMatchObject([
      { field: "layout", before: '"hardlink"', after: '"copy"' }
    ])
    expect((await told({ layout: "copy", openChecksum: false })).options).toMatchObject([
      { field: "openChecksum", before: "true", after: "false" }
    ])
    await rig.hub((hub) => hub.addTag("kid", { arches: "x86_64" }))
    await rig.hub((hub) => hub.addTagInheritance("kid", "demo"))
    await rig.publish({ tag: "kid" })
    const story = await told({ tag: "kid", inherit: false })
    expect(story.options).toMatchObject([{ field: "inherit", before: "true", after: "false" }])
    expect(story.content.map(({ kind }) => kind)).toContain("removed")
  })
})
