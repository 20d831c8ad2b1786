import {
  cpSync,
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
  utimesSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { contentOf, type ExportRig, exportRig, readersView, treeOf } from "../kit/export-rig.ts"
import { fixture, fixtureKeys, fixtureNames } from "../kit/fixtures.ts"

let rig: ExportRig
beforeEach(async () => {
  rig = await exportRig()
  await rig.addVolume("vol2")
})
afterEach(() => rig.close())

const moveTo = (volume: string, ...builds: ReadonlyArray<string>) =>
  rig.hub((hub) => hub.setBuildVolume(volume, builds))

const refusal = (volume: string, ...builds: ReadonlyArray<string>) =>
  rig.hub((hub) => Effect.map(Effect.flip(hub.setBuildVolume(volume, builds)), ({ message }) => message))

const hello = () => join(rig.topdir, "packages/hello/1.0/1")
const onVolume = (volume = "vol2") => join(rig.topdir, "vol", volume, "packages/hello/1.0/1")

/** Everything in the packages' folders of all volumes that is no package's name. */
const leftovers = () => treeOf(rig.topdir).flatMap(({ path }) => (/\/\.[^/]*\.tmp/.test(path) ? [path] : []))

describe("a build that is moved to another volume", () => {
  it("has all its files there, with their times, and Koji's link in its old place", async () => {
    const before = contentOf(hello())
    const times = treeOf(hello()).flatMap(({ mtime, type }) => (type === "file" ? [mtime] : []))
    expect(await moveTo("vol2", "hello-1.0-1")).toEqual([
      { nvr: "hello-1.0-1", from: "DEFAULT", to: "vol2", outcome: "moved" }
    ])
    expect(readlinkSync(hello())).toBe("../../../vol/vol2/packages/hello/1.0/1")
    expect(lstatSync(onVolume()).isDirectory()).toBe(true)
    expect(contentOf(onVolume())).toEqual(before)
    expect(contentOf(hello())).toEqual(before)
    expect(treeOf(hello()).flatMap(({ mtime, type }) => (type === "file" ? [mtime] : []))).toEqual(times)
    expect(leftovers()).toEqual([])
  })

  it("comes back, and goes on to a third, with the link changed", async () => {
    await rig.addVolume("vol3")
    const before = contentOf(hello())
    for (const [from, to] of [
      ["DEFAULT", "vol2"],
      ["vol2", "vol3"],
      ["vol3", "DEFAULT"]
    ] as const) {
      expect(await moveTo(to, "hello-1.0-1")).toMatchObject([{ from, to, outcome: "moved" }])
      expect(contentOf(hello())).toEqual(before)
      expect([existsSync(onVolume("vol2")), existsSync(onVolume("vol3"))]).toEqual([to === "vol2", to === "vol3"])
    }
    expect(lstatSync(hello()).isDirectory()).toBe(true)
    expect(leftovers()).toEqual([])
  })

  it("changes nothing for exports, nor for repos that have its packages", async () => {
    await rig.publish()
    const view = readersView(rig.tagDir(), 1)
    await moveTo("vol2", "hello-1.0-1", "libgreet-2.0-3")
    expect((await rig.export())._tag).toBe("Unchanged")
    expect(readersView(rig.tagDir(), 1)).toEqual(view)
    await rig.publish({ force: true }, { store: join(rig.folder, "another-store") })
    expect(readersView(rig.tagDir(), 2)).toEqual(view)
  })

  it("takes signatures, signed copies and rpms that come later", async () => {
    const bare = await exportRig({ builds: [], copies: false })
    try {
      mkdirSync(join(bare.topdir, "vol/vol2"), { recursive: true })
      await bare.hub((hub) => hub.addVolume("vol2"))
      await bare.hub((hub) => hub.setBuildVolume("vol2", ["hello-1.0-1"]))
      await bare.hub((hub) => hub.writeSignedRpms(fixtureKeys.a, ["hello-1.0-1.x86_64"]))
      const copy = `data/signed/${fixtureKeys.a}/x86_64/hello-1.0-1.x86_64.rpm`
      expect(existsSync(join(bare.topdir, "vol/vol2/packages/hello/1.0/1", copy))).toBe(true)
    } finally {
      bare.close()
    }
  })

  it("stays where it is if it is there already", async () => {
    expect(await moveTo("DEFAULT", "hello-1.0-1")).toMatchObject([{ outcome: "already-there" }])
    await moveTo("vol2", "hello-1.0-1")
    expect(await moveTo("vol2", "hello-1.0-1", "minish-5-2")).toMatchObject([
      { nvr: "hello-1.0-1", outcome: "already-there" },
      { nvr: "minish-5-2", outcome: "moved" }
    ])
  })
})

describe("nothing is moved", () => {
  it("where a build or the volume is not known, or the volume is not there", async () => {
    expect(await refusal("vol2", "hello-1.0-1", "nosuch-1-1", "other-1-1")).toBe(
      "No such build: 'nosuch-1-1', 'other-1-1'"
    )
    expect(await refusal("nope", "hello-1.0-1")).toBe("No such entry in table volume: nope")
    renameSync(join(rig.topdir, "vol/vol2"), join(rig.topdir, "vol/away"))
    expect(await refusal("vol2", "hello-1.0-1")).toMatch(/^Directory entry missing for volume vol2: /)
    expect(lstatSync(hello()).isDirectory()).toBe(true)
  })

  it("where its folder is gone, or something is in the way, in Koji's words", async () => {
    mkdirSync(onVolume(), { recursive: true })
    expect(await refusal("vol2", "hello-1.0-1")).toBe(`Destination directory exists: ${onVolume()}`)
    rmSync(onVolume(), { recursive: true })
    renameSync(hello(), `${hello()}-away`)
    expect(await refusal("vol2", "hello-1.0-1")).toBe(`Build directory missing: ${hello()}`)
    renameSync(`${hello()}-away`, hello())
    expect(await moveTo("vol2", "hello-1.0-1")).toMatchObject([{ outcome: "moved" }])
  })

  it("where the files cannot be copied, and nothing is left of the attempt", async () => {
    mkdirSync(join(rig.topdir, "vol/vol2/packages"))
    writeFileSync(join(rig.topdir, "vol/vol2/packages/hello"), "in the way")
    expect(await refusal("vol2", "hello-1.0-1")).toMatch(/cannot be used: E(NOTDIR|EXIST)/)
    expect(lstatSync(hello()).isDirectory()).toBe(true)
    rmSync(join(rig.topdir, "vol/vol2/packages/hello"))
    expect(await moveTo("vol2", "hello-1.0-1")).toMatchObject([{ outcome: "moved" }])
  })
})

describe("a move that was cut short after all was copied", () => {
  /** The journal as the kill of a process leaves it, with a copy of all that the build had by then. */
  const cutShort = () => {
    cpSync(hello(), join(onVolume(), "../.1.new.tmp"), { recursive: true, preserveTimestamps: true })
    const database = new DatabaseSync(join(rig.topdir, "hub.db"))
    database.exec(
      "INSERT INTO build_move SELECT build.id, NULL, 1, 1 FROM build JOIN package ON package.id = package_id WHERE name = 'hello' AND version = '1.0'"
    )
    database.close()
  }

  it("is finished by who opens the hub, with a signed copy that came meanwhile", async () => {
    cutShort()
    const late = join(hello(), "data/signed/late.rpm")
    writeFileSync(late, "late")
    utimesSync(late, 1_000_000_000, 1_000_000_000.25)
    const now = contentOf(hello())
    await rig.hub((hub) => hub.volumes)
    expect(lstatSync(hello()).isSymbolicLink()).toBe(true)
    expect(contentOf(onVolume())).toEqual(now)
    expect(statSync(late).mtimeMs).toBe(1_000_000_000_250)
    expect(leftovers()).toEqual([])
    expect(await moveTo("vol2", "hello-1.0-1")).toMatchObject([{ outcome: "already-there" }])
  })

  it("waits where the volume is not there, and says so to who would move the build", async () => {
    cutShort()
    renameSync(join(rig.topdir, "vol/vol2"), join(rig.topdir, "vol/away"))
    await rig.addVolume("vol3")
    expect(await refusal("vol3", "hello-1.0-1")).toBe(
      "a move of hello-1.0-1 that was cut short cannot be finished: is a volume not mounted?"
    )
    expect(lstatSync(hello()).isDirectory()).toBe(true)
    renameSync(join(rig.topdir, "vol/away"), join(rig.topdir, "vol/vol2"))
    expect(await moveTo("vol3", "hello-1.0-1")).toMatchObject([{ from: "vol2", to: "vol3" }])
  })
})

const otherDevice = existsSync("/dev/shm") && statSync("/dev/shm").dev !== statSync(tmpdir()).dev

describe.skipIf(!otherDevice)("a volume that is another file system", () => {
  it("takes builds by copying, and repos on it link their packages there", async () => {
    const near = await exportRig({ in: tmpdir() })
    const far = mkdtempSync("/dev/shm/distgraph-volume-")
    try {
      mkdirSync(join(near.topdir, "vol"))
      symlinkSync(far, join(near.topdir, "vol/far"))
      await near.hub((hub) => hub.addVolume("far"))
      await near.publish()
      const view = readersView(near.tagDir(), 1)
      const before = contentOf(join(near.topdir, "packages/hello/1.0/1"))
      await near.hub((hub) => hub.setBuildVolume("far", ["hello-1.0-1"]))
      const there = treeOf(join(far, "packages/hello/1.0/1"))
      expect(new Set(there.map(({ device }) => device))).toEqual(new Set([statSync("/dev/shm").dev]))
      expect(contentOf(join(near.topdir, "packages/hello/1.0/1"))).toEqual(before)

      // the two hellos are linked on their own file system, the others are copied; and the other way round
      const { repo } = await near.publish({ volume: "far" })
      expect(repo.copiedInstead).toBe(16)
      const copy = `packages/hello/1.0/1/data/signed/${fixtureKeys.a}/x86_64/hello-1.0-1.x86_64.rpm`
      const linked = join(far, `repos-dist/demo/2/x86_64/Packages/h/hello-1.0-1.x86_64.rpm`)
      expect(statSync(linked).ino).toBe(statSync(join(far, copy)).ino)
      expect((await near.publish()).repo.copiedInstead).toBe(2)
      expect([readersView(near.tagDir(), 2), readersView(near.tagDir(), 3)]).toEqual([view, view])

      // what comes later crosses over
      const late = fixtureNames("key-b").filter((name) => name.startsWith("hello-1.0-1."))
      await near.hub((hub) => hub.importSignatures(late.map((name) => fixture("key-b", name))))
      await near.hub((hub) => hub.writeSignedRpms(fixtureKeys.a, ["hello-1.0-1.x86_64"], { force: true }))
      expect(contentOf(join(near.topdir, "packages/hello/1.0/1"))).toEqual(before)
      await near.hub((hub) => hub.setBuildVolume("DEFAULT", ["hello-1.0-1"]))
      expect(contentOf(join(near.topdir, "packages/hello/1.0/1"))).toEqual(before)
      expect(readdirSync(join(far, "packages/hello/1.0"))).toEqual([])
    } finally {
      rmSync(far, { recursive: true })
      near.close()
    }
  })
})
