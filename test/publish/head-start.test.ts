import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import { Data, Deferred, Effect, Exit, Fiber } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { type Blobs, type DigestOf, readBlob, withBlobs, writeBlob } from "../../graph/index.ts"
import { Directory, type DirectoryEntry } from "../../rules/index.ts"
import { Hub } from "../../src/hub/hub.ts"
import { type HeadStart, type HeadStartOptions, publishWithHeadStart } from "../../src/publish/head-start.ts"
import type { Publication } from "../../src/publish/publish-repo.ts"
import { contentOf, type ExportRig, exportRig, readersView } from "../kit/export-rig.ts"
import { fixtureKeys } from "../kit/fixtures.ts"

let rig: ExportRig
let made: Awaited<ReturnType<ExportRig["publish"]>>
beforeEach(async () => {
  rig = await exportRig()
  made = await rig.publish()
})
afterEach(() => rig.close())

class NotComputed extends Data.TaggedError("NotComputed") {}

const begunAt = (path = ""): string => join(rig.tagDir(), ".begun.tmp", path)

/** The publication of repo 1, to be made again. */
const publication = (layout: Publication["layout"] = "hardlink"): Publication => ({
  tag: "demo",
  createEvent: made.snapshot.event,
  content: made.snapshot.content,
  options: "{}",
  fingerprint: "",
  root: "",
  tree: made.output.root,
  repoJson: (id) => JSON.stringify({ id }),
  layout
})

/** The tree as it is known first: the metadata has plain names, and there is no repomd.xml. */
const withoutSums = (tree: DigestOf<Directory>): Effect.Effect<DigestOf<Directory>, never, Blobs> =>
  Effect.gen(function* () {
    const { entries } = yield* readBlob(Directory, tree)
    const known = entries.filter(({ name }) => name !== "repomd.xml")
    return yield* writeBlob(Directory, {
      entries: yield* Effect.forEach(known, (entry) =>
        entry.type === "directory"
          ? Effect.map(withoutSums(entry.content), (content): DirectoryEntry => ({ ...entry, content }))
          : Effect.succeed({ ...entry, name: entry.name.replace(/^[0-9a-f]{64}-/, "") })
      )
    })
  })

const options: HeadStartOptions<never> = {
  unless: Effect.succeed(undefined),
  inStages: (publishing) => publishing(() => {})
}

const head = (layout: Publication["layout"] = "hardlink"): HeadStart => ({
  tag: "demo",
  layout,
  tree: Effect.suspend(() => withBlobs(withoutSums(made.output.root)))
})

/** Waits until something is true of the disk. */
const until = (condition: () => boolean) =>
  Effect.gen(function* () {
    while (!condition()) yield* Effect.sleep("5 millis")
  })

/** A file of the head start that is written last of all, mostly: until it is there the head start is under way. */
const isBegun = () => existsSync(begunAt("x86_64/repodata/primary.xml.gz")) && existsSync(begunAt("x86_64/Packages/w"))

describe("a publication that is still being computed", () => {
  it.each(["hardlink", "shared", "copy"] as const)(
    "is begun meanwhile, and becomes the same repo (%s)",
    async (layout) => {
      let first = 0
      const computing = Effect.gen(function* () {
        yield* until(isBegun)
        first = statSync(begunAt("x86_64/repodata/primary.xml.gz")).ino
        return publication(layout)
      })
      const repo = await rig.run(publishWithHeadStart(head(layout), computing, options))
      expect(repo).toMatchObject({ id: 2, latest: 2, mended: [] })
      expect(readersView(rig.tagDir(), 2)).toEqual(readersView(rig.tagDir(), 1))
      const repodata = join(rig.tagDir(), "2/x86_64/repodata")
      const primary = readdirSync(repodata).find((name) => name.endsWith("-primary.xml.gz")) ?? ""
      // the very file that was begun, under its final name
      expect(statSync(join(repodata, primary)).ino).toBe(first)
      expect(readdirSync(rig.tagDir()).sort()).toEqual(["1", "2", "latest"])
    }
  )

  it("is published in the end where it is never known what could be begun", async () => {
    const begun = { tag: "demo", layout: "hardlink" as const, tree: Effect.never }
    const repo = await rig.run(publishWithHeadStart(begun, Effect.succeed(publication()), options))
    expect(repo).toMatchObject({ id: 2, latest: 2 })
  })

  it("leaves nothing where the computing fails, and no row", async () => {
    const before = contentOf(rig.tagDir())
    const failing = Effect.zipRight(until(isBegun), new NotComputed())
    const error = await rig.run(Effect.flip(publishWithHeadStart(head(), failing, options)))
    expect(error._tag).toBe("NotComputed")
    expect(contentOf(rig.tagDir())).toEqual(before)
    expect(await rig.repoStates()).toEqual(["1 READY"])
  })

  it.each(["hardlink", "shared"] as const)(
    "leaves nothing where it is interrupted, and no row (%s)",
    async (layout) => {
      const before = contentOf(rig.tagDir())
      let stopped = false
      const stop = Effect.sync(() => {
        stopped = true
      })
      const endless = Effect.onInterrupt(Effect.never, () => stop)
      await rig.run(
        Effect.gen(function* () {
          const publishing = yield* Effect.fork(publishWithHeadStart(head(layout), endless, options))
          yield* until(isBegun)
          yield* Fiber.interrupt(publishing)
        })
      )
      expect(stopped).toBe(true)
      expect(contentOf(rig.tagDir())).toEqual(before)
      expect(await rig.repoStates()).toEqual(["1 READY"])
      const trees = join(rig.topdir, "repos-dist/.trees")
      expect((existsSync(trees) ? readdirSync(trees) : []).filter((name) => name.startsWith("."))).toEqual([])
    }
  )

  it("waits with all of it while another publication is under way", async () => {
    await rig.run(
      Effect.gen(function* () {
        const hub = yield* Hub
        const release = yield* Deferred.make<void>()
        const other = yield* Effect.fork(hub.withPublishLock(Deferred.await(release)))
        yield* Effect.sleep("50 millis")
        const computed = yield* Deferred.make<void>()
        const computing = Effect.as(Deferred.succeed(computed, undefined), publication())
        const publishing = yield* Effect.fork(publishWithHeadStart(head(), computing, options))
        yield* Deferred.await(computed)
        yield* Effect.sleep("100 millis")
        expect(readdirSync(rig.tagDir()).sort()).toEqual(["1", "latest"])
        yield* Deferred.succeed(release, undefined)
        yield* Fiber.join(other)
        expect(yield* Fiber.join(publishing)).toMatchObject({ id: 2, latest: 2 })
      })
    )
  })

  it("is not begun where what it will be stands already", async () => {
    let asked = 0
    const standing = Effect.sync(() => {
      asked += 1
      return "standing" as const
    })
    const computing = Effect.sync(() => {
      expect(existsSync(begunAt())).toBe(false)
      return publication()
    })
    const found = await rig.run(publishWithHeadStart(head(), computing, { ...options, unless: standing }))
    expect(found).toBe("standing")
    expect(asked).toBeGreaterThan(0)
    expect(await rig.repoStates()).toEqual(["1 READY"])
  })

  it("is published in the end where it could not be begun: a package was away for a while", async () => {
    const signed = join(rig.topdir, "packages/hello/1.0/1/data/signed", fixtureKeys.a)
    renameSync(signed, `${signed}.away`)
    let placed = 0
    const onPlaced = (packages: number): void => {
      placed = packages
    }
    const computing = Effect.gen(function* () {
      // begun, then given up and removed
      yield* until(() => placed > 0)
      yield* until(() => !existsSync(begunAt()))
      renameSync(`${signed}.away`, signed)
      return publication()
    })
    const repo = await rig.run(publishWithHeadStart(head(), computing, { ...options, onPlaced }))
    expect(repo).toMatchObject({ id: 2, latest: 2 })
    expect(readersView(rig.tagDir(), 2)).toEqual(readersView(rig.tagDir(), 1))
  })

  it("fails as it would without a head start where a package is gone", async () => {
    rmSync(join(rig.topdir, "packages/hello/1.0/1/data/signed"), { recursive: true })
    const exit = await rig.run(Effect.exit(publishWithHeadStart(head(), Effect.succeed(publication()), options)))
    expect(Exit.isFailure(exit) && String(exit.cause)).toContain("hello-1.0-1.x86_64.rpm")
    expect(readdirSync(rig.tagDir()).sort()).toEqual(["1", "latest"])
    expect(await rig.repoStates()).toEqual(["1 READY", "2 DELETED"])
  })
})
