import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { DistRepoResult } from "../../src/export/dist-repo.ts"
import { deleteRepos, expireRepos } from "../../src/publish/repo-life.ts"
import { type ExportRig, exportRig, readersView, treeOf } from "../kit/export-rig.ts"

let rig: ExportRig
beforeEach(async () => {
  rig = await exportRig()
  await rig.addVolume("vol2")
})
afterEach(() => rig.close())

/** The folder of the tag's repos on a volume. */
const onVolume = (volume = "vol2", tag = "demo"): string => join(rig.topdir, "vol", volume, "repos-dist", tag)

const inTagDir = (): ReadonlyArray<string> => readdirSync(rig.tagDir()).sort()

const copied = (result: DistRepoResult): number =>
  result._tag === "Published" ? result.repo.copiedInstead : Number.NaN

describe("a repo on another volume", () => {
  it.each(["hardlink", "shared", "copy"] as const)(
    "lies there, with a link to it from the tag's folder (%s)",
    async (layout) => {
      await rig.publish({ layout })
      const { repo } = await rig.publish({ layout, volume: "vol2" })
      expect(repo).toMatchObject({ id: 2, path: join(rig.tagDir(), "2"), latest: 2 })
      expect(readlinkSync(join(rig.tagDir(), "2"))).toBe("../../vol/vol2/repos-dist/demo/2")
      expect(readlinkSync(join(rig.tagDir(), "latest"))).toBe("2")
      expect(readdirSync(onVolume())).toEqual(["2"])
      expect(lstatSync(join(onVolume(), "2")).isDirectory()).toBe(true)
      expect(readersView(rig.tagDir(), 2)).toEqual(readersView(rig.tagDir(), 1))
      expect((await rig.hub((hub) => hub.repo(2))).volume).toBe("vol2")
    }
  )

  it("is as good as any: nothing new is made of it again, and another volume is a change", async () => {
    await rig.publish({ volume: "vol2" })
    await rig.addVolume("vol3")
    expect((await rig.export({ volume: "vol2" }))._tag).toBe("Unchanged")
    await rig.publish({ volume: "vol3" })
    await rig.publish()
    expect(inTagDir()).toEqual(["1", "2", "3", "latest"])
    expect([readdirSync(onVolume("vol2")), readdirSync(onVolume("vol3"))]).toEqual([["1"], ["2"]])
  })

  it("is on the first volume where that is named", async () => {
    await rig.publish({ volume: "DEFAULT" })
    expect(lstatSync(join(rig.tagDir(), "1")).isDirectory()).toBe(true)
    expect((await rig.hub((hub) => hub.repo(1))).volume).toBeNull()
  })

  it("may be of a tag with slashes in its name", async () => {
    await rig.hub((hub) => hub.addTag("deep/er/demo", { arches: "x86_64" }))
    await rig.publish({ tag: "deep/er/demo", volume: "vol2" })
    expect(readlinkSync(join(rig.tagDir("deep/er/demo"), "1"))).toBe("../../../../vol/vol2/repos-dist/deep/er/demo/1")
    expect(existsSync(join(rig.tagDir("deep/er/demo"), "1/x86_64/repodata/repomd.xml"))).toBe(true)
  })

  it("is found where the folder of all repos lies elsewhere", async () => {
    const elsewhere = join(rig.folder, "some/where/else")
    mkdirSync(elsewhere, { recursive: true })
    symlinkSync(elsewhere, join(rig.topdir, "repos-dist"))
    await rig.publish({ volume: "vol2" })
    expect(existsSync(join(rig.tagDir(), "latest/x86_64/repodata/repomd.xml"))).toBe(true)
  })

  it("expires and goes as others do", async () => {
    await rig.publish()
    await rig.publish({ volume: "vol2" })
    await rig.run(expireRepos([2]))
    expect(readlinkSync(join(rig.tagDir(), "latest"))).toBe("1")
    expect((await rig.run(deleteRepos([2], { force: false }))).removed).toEqual([2])
    expect([inTagDir(), readdirSync(onVolume())]).toEqual([["1", "latest"], []])
  })
})

describe("a volume", () => {
  it("that is not known or not there is refused, and nothing is left, not even a row", async () => {
    expect((await rig.exportFailure({ volume: "nope" })).message).toBe("No such entry in table volume: nope")
    renameSync(join(rig.topdir, "vol/vol2"), join(rig.topdir, "vol/away"))
    expect((await rig.exportFailure({ volume: "vol2" })).message).toBe(
      `Directory entry missing for volume vol2: ${join(rig.topdir, "vol/vol2")} is not there; is it mounted?`
    )
    expect([existsSync(rig.tagDir()), existsSync(join(rig.topdir, "vol/vol2"))]).toEqual([false, false])
    expect(await rig.repoStates()).toEqual([])
  })

  it("comes after the tag and its arches, as in Koji", async () => {
    expect((await rig.exportFailure({ tag: "nosuch", volume: "nope" })).message).toContain("nosuch")
    expect((await rig.exportFailure({ arches: ["nonesuch"], volume: "nope" })).message).toContain("Unknown arch")
  })
})

describe("what a killed publication left on a volume", () => {
  const initRow = () => {
    const row = { tag: "demo", createEvent: 1, content: "", options: "", fingerprint: "", root: "", volume: "vol2" }
    return rig.hub((hub) => hub.repoInit(row))
  }
  const giveRepo = (at: string) => {
    mkdirSync(at, { recursive: true })
    writeFileSync(join(at, "repo.json"), "{}")
  }

  it("is cleared away by the next, whatever volume that is for", async () => {
    const [inPlace, half] = [await initRow(), await initRow()]
    giveRepo(join(onVolume(), String(inPlace)))
    mkdirSync(join(onVolume(), `.${half}.tmp`))
    mkdirSync(join(onVolume(), ".begun.tmp"))
    mkdirSync(rig.tagDir(), { recursive: true })
    for (const id of [inPlace, half])
      symlinkSync(`../../vol/vol2/repos-dist/demo/${id}`, join(rig.tagDir(), String(id)))
    await rig.publish()
    expect([inTagDir(), readdirSync(onVolume())]).toEqual([["3", "latest"], []])
    expect(await rig.repoStates()).toEqual(["1 DELETED", "2 DELETED", "3 READY"])
  })

  it("waits while the volume is not there, and keeps nobody from publishing elsewhere", async () => {
    giveRepo(join(onVolume(), String(await initRow())))
    renameSync(join(rig.topdir, "vol/vol2"), join(rig.topdir, "vol/away"))
    await rig.publish()
    expect(await rig.repoStates()).toEqual(["1 INIT", "2 READY"])
    renameSync(join(rig.topdir, "vol/away"), join(rig.topdir, "vol/vol2"))
    await rig.publish({ force: true })
    expect(await rig.repoStates()).toEqual(["1 DELETED", "2 READY", "3 READY"])
    expect(readdirSync(onVolume())).toEqual([])
  })
})

const otherDevice = existsSync("/dev/shm") && statSync("/dev/shm").dev !== statSync(tmpdir()).dev

describe.skipIf(!otherDevice)("a repo on a volume that is another file system", () => {
  it.each(["hardlink", "shared"] as const)(
    "is staged and begun there, and has what the first volume's has (%s)",
    async (layout) => {
      const near = await exportRig({ in: tmpdir() })
      const far = mkdtempSync("/dev/shm/distgraph-volume-")
      try {
        mkdirSync(join(near.topdir, "vol"))
        symlinkSync(far, join(near.topdir, "vol/far"))
        await near.hub((hub) => hub.addVolume("far"))
        const result = await near.publish({ layout, volume: "far" })
        const packages = treeOf(join(far, "repos-dist/demo/1")).filter(({ path }) => path.endsWith(".rpm"))
        expect(packages.length).toBe(layout === "shared" ? 0 : 18)
        expect(copied(result)).toBe(packages.length)
        expect(new Set(packages.map(({ device }) => device))).toEqual(
          new Set(layout === "shared" ? [] : [statSync("/dev/shm").dev])
        )
        await near.publish({ layout })
        expect(readersView(near.tagDir(), 1)).toEqual(readersView(near.tagDir(), 2))
        await near.run(expireRepos([1]))
        await near.run(deleteRepos([1], { force: false }))
        expect([readdirSync(near.tagDir()).sort(), readdirSync(join(far, "repos-dist/demo"))]).toEqual([
          ["2", "latest"],
          []
        ])
      } finally {
        rmSync(far, { recursive: true })
        near.close()
      }
    }
  )
})
