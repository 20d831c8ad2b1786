import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { hashOf, readBlob, withBlobs } from "../../graph/index.ts"
import { Snapshot } from "../../rules/snapshot.ts"
import { dryRunDistRepo } from "../../src/export/dist-repo.ts"
import { Source } from "../../src/source/source.ts"
import { type ExportRig, exportRig, rigRequest } from "../kit/export-rig.ts"
import { fixtureKeys } from "../kit/fixtures.ts"
import { undatedContent } from "./published.ts"

let rig: ExportRig

/** Exports, then takes from the store every chunk of the content that the export read, and leaves the list of them. */
beforeEach(async () => {
  rig = await exportRig()
  const { snapshot } = await rig.publish()
  const chunks = await rig.run(withBlobs(readBlob(Snapshot, snapshot.content)))
  const database = new DatabaseSync(join(rig.store, "v4/store.db"))
  for (const { chunk } of chunks)
    database.prepare("DELETE FROM blob WHERE hash = ?").run(Buffer.from(hashOf(chunk).slice(0, 32), "hex"))
  database.close()
})
afterEach(() => rig.close())

const otherKeys = { keys: [fixtureKeys.b, fixtureKeys.a] }
const read = () =>
  rig.run(
    Effect.flatMap(Source, (source) => source.snapshot("demo", rigRequest).pipe(Effect.map((taken) => taken.read)))
  )

describe("where chunks of a remembered content are lost", () => {
  it("an export that needs them reads all of the tag, once", async () => {
    expect(await read()).toBe("nothing")
    const { repo } = await rig.publish(otherKeys)
    const scratch = await rig.publish({ ...otherKeys, force: true }, { store: join(rig.folder, "empty") })
    expect(undatedContent(repo.path)).toEqual(undatedContent(scratch.repo.path))
    await rig.hub((hub) => hub.tagBuild("demo", ["hello-1.1-1"]))
    expect(await read()).toBe("touched")
  })

  it("an export of a tag that changed since reads all of it", async () => {
    await rig.hub((hub) => hub.tagBuild("demo", ["hello-1.1-1"]))
    const { repo, snapshot } = await rig.publish()
    expect(snapshot.read).toBe("all")
    const scratch = await rig.publish({ force: true }, { store: join(rig.folder, "empty") })
    expect(undatedContent(repo.path)).toEqual(undatedContent(scratch.repo.path))
  })

  it("a dry run tells what it would tell otherwise", async () => {
    const { found } = await rig.run(dryRunDistRepo({ ...rigRequest, ...otherKeys }))
    expect(found.nodes.filter(({ status }) => status === "would-run").map(({ label }) => label)).toContain(
      "hello-1.0-1.x86_64"
    )
    expect(await read()).toBe("nothing")
  })

  it("an export of the unchanged tag has no need of them", async () => {
    expect((await rig.export())._tag).toBe("Unchanged")
  })
})
