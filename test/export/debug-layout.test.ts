import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { deleteRepos } from "../../src/publish/repo-life.ts"
import { type ExportRig, exportRig, readersView } from "../kit/export-rig.ts"
import { fixtureKeys } from "../kit/fixtures.ts"
import { noiseRpm } from "../kit/noise-rpm.ts"
import { describeWithTools } from "../kit/oracle.ts"
import { zchunkText } from "../kit/zchunk-texts.ts"
import { metadataOf, repodataFile } from "./published.ts"

let rig: ExportRig
beforeEach(async () => {
  rig = await exportRig()
})
afterEach(() => rig.close())

const debuginfo = "Packages/l/libgreet-debuginfo-2.0-3.x86_64.rpm"

const hrefsOf = (repo: string, place: string): ReadonlyArray<string> =>
  [...metadataOf(repo, place, "primary").matchAll(/<location href="([^"]*)"/g)].map(([, href = ""]) => href)

const text = (...path: ReadonlyArray<string>): string => readFileSync(join(...path), "utf8")

describe("debug information that is split off", () => {
  it("has its packages in its own repository, linked as others are, and hrefs that do not lead out of it", async () => {
    const { repo } = await rig.publish({ splitDebuginfo: "own" })
    expect(hrefsOf(repo.path, "x86_64/debug")).toEqual([debuginfo])
    expect(text(repo.path, "x86_64/debug/pkglist")).toBe(`${debuginfo}\n`)
    expect(text(repo.path, "x86_64/pkglist")).not.toContain("debuginfo")
    expect(existsSync(join(repo.path, "x86_64", debuginfo))).toBe(false)
    const copy = `packages/libgreet/2.0/3/data/signed/${fixtureKeys.a}/x86_64/libgreet-debuginfo-2.0-3.x86_64.rpm`
    expect(statSync(join(repo.path, "x86_64/debug", debuginfo)).ino).toBe(statSync(join(rig.topdir, copy)).ino)
    // all of the arch is in its kojipkgs, with a word of where
    expect(JSON.parse(text(repo.path, "x86_64/kojipkgs"))["libgreet-debuginfo-2.0-3.x86_64.rpm"]).toMatchObject({
      _subrepo: "debug"
    })
  })

  it("is in Koji's layout, if that is asked for, what it is in ours but for where it lies", async () => {
    const { repo: ours } = await rig.publish({ splitDebuginfo: "own" })
    const { repo: kojis } = await rig.publish({ splitDebuginfo: "koji" })
    expect(hrefsOf(kojis.path, "x86_64/debug")).toEqual([`../${debuginfo}`])
    expect(text(kojis.path, "x86_64/debug/pkglist")).toBe(`../${debuginfo}\n`)
    const moved = Object.entries(readersView(rig.tagDir(), kojis.id))
      .filter(([path]) => !path.includes("/debug/"))
      .map(([path, sum]) => [path.replace(/^(\w+)\/(Packages.*-debuginfo-)/, "$1/debug/$2"), sum])
    const own = Object.entries(readersView(rig.tagDir(), ours.id)).filter(
      ([path]) => !path.includes("/debug/") || path.includes("/Packages/")
    )
    expect(new Map(own)).toEqual(new Map(moved.map(([path = "", sum = ""]) => [path, sum])))
    for (const kind of ["filelists", "other"] as const) {
      expect(metadataOf(ours.path, "x86_64/debug", kind)).toBe(metadataOf(kojis.path, "x86_64/debug", kind))
    }
  })

  it("makes another repo in another layout, and none in the same again", async () => {
    await rig.publish({ splitDebuginfo: "own" })
    expect((await rig.export({ splitDebuginfo: "own" }))._tag).toBe("Unchanged")
    await rig.publish({ splitDebuginfo: "koji" })
    expect((await rig.export({ splitDebuginfo: "koji" }))._tag).toBe("Unchanged")
  })

  it.each(["own", "koji"] as const)("has zchunk metadata of the same text (%s)", async (splitDebuginfo) => {
    const { repo } = await rig.publish({ splitDebuginfo, zchunk: { dictionaries: null } })
    for (const place of ["x86_64", "x86_64/debug"]) {
      const zchunk = zchunkText(repodataFile(repo.path, place, "primary_zck"))
      expect(zchunk).toBe(metadataOf(repo.path, place, "primary"))
    }
  })

  it("goes with its repo in the shared layout, with what only it had", async () => {
    await rig.publish({ splitDebuginfo: "own", layout: "shared" })
    const view = readersView(rig.tagDir(), 1)
    await rig.publish({ splitDebuginfo: "own", layout: "shared", force: true })
    await rig.run(deleteRepos([2], { force: true }))
    expect(readersView(rig.tagDir(), 1)).toEqual(view)
    await rig.run(deleteRepos([1], { force: true }))
    expect(readdirSync(join(rig.topdir, "repos-dist/.trees"))).toEqual([])
  })
})

describeWithTools(
  "makedeltarpm",
  "applydeltarpm",
  "rpmbuild"
)("delta rpms of debug information", () => {
  it.each([
    ["own", "own"],
    ["koji", "own"],
    ["own", "koji"]
  ] as const)("are made from repos of either layout (%s, then %s)", async (before, after) => {
    const request = { keys: [], missingSignatures: "allow", tag: "noisy" } as const
    const made = (version: string) =>
      noiseRpm(rig.folder, version, version === "1" ? ["one", "two"] : ["one", "two", "three"], "noise-debuginfo")
    const files = ["1", "2"].map(made)
    await rig.hub((hub) => hub.importRpms(files))
    await rig.hub((hub) => hub.addTag("noisy", { arches: "x86_64" }))
    await rig.hub((hub) => hub.addPackages("noisy", ["noise-debuginfo"]))
    await rig.hub((hub) => hub.tagBuild("noisy", ["noise-debuginfo-1-1"]))
    const { repo: old } = await rig.publish({ ...request, splitDebuginfo: before, layout: "copy" })
    await rig.hub((hub) => hub.tagBuild("noisy", ["noise-debuginfo-2-1"]))
    // the hub knows the older package no more, and it lies nowhere but in the older repo
    const kojipkgs = join(old.path, "x86_64/kojipkgs")
    writeFileSync(kojipkgs, text(kojipkgs).replace(/"id": (\d+)/g, '"id": 9$1000'))
    rmSync(join(rig.topdir, "packages/noise-debuginfo/1"), { recursive: true })
    const { repo } = await rig.publish({ ...request, splitDebuginfo: after, deltaRpms: [String(old.id)] })
    expect(metadataOf(repo.path, "x86_64/debug", "prestodelta")).toContain("noise-debuginfo")
    expect(existsSync(join(repo.path, "x86_64/debug/drpms"))).toBe(true)
  })
})
