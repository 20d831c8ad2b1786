import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { deleteRepos, expireRepos, plannedRetention, retainRepos } from "../../src/publish/repo-life.ts"
import type { RetentionPolicy } from "../../src/publish/repo-retention.ts"
import { contentOf, type ExportRig, exportRig, readersView } from "../kit/export-rig.ts"

let rig: ExportRig
beforeEach(async () => {
  rig = await exportRig({ builds: ["hello-1.0-1", "minish-5-2"] })
})
afterEach(() => rig.close())

/** Nothing stays for its age. */
const strict: RetentionPolicy = { keep: 0, lifetime: 0, expiredLifetime: 0 }

const silent = () => Effect.void

/** Makes the states of all repos a day older. */
const aDayLater = () => {
  const database = new DatabaseSync(join(rig.topdir, "hub.db"))
  database.exec("UPDATE repo SET state_time = state_time - 86400000")
  database.close()
}

const retain = (policy: Partial<RetentionPolicy> = {}, tag?: string) =>
  rig.run(retainRepos(tag, { ...strict, ...policy }, silent))

const latest = (tag?: string) => readlinkSync(join(rig.tagDir(tag), "latest"))

const inTagDir = (tag?: string) => readdirSync(rig.tagDir(tag)).sort()

const publishSome = async (count: number, layout: "hardlink" | "shared" = "hardlink") => {
  for (let made = 0; made < count; made += 1) await rig.publish({ force: true, layout })
}

describe("expireRepos", () => {
  it("lets repos stand, and makes latest lead to another", async () => {
    await publishSome(3)
    const before = contentOf(join(rig.tagDir(), "3"))
    await rig.run(expireRepos([3]))
    expect(await rig.repoStates()).toEqual(["1 READY", "2 READY", "3 EXPIRED"])
    expect([latest(), inTagDir()]).toEqual(["2", ["1", "2", "3", "latest"]])
    expect(contentOf(join(rig.tagDir(), "3"))).toEqual(before)
    await rig.run(expireRepos([3, 1, 2]))
    // nobody is left without a repo
    expect([latest(), inTagDir()]).toEqual(["2", ["1", "2", "3", "latest"]])
  })

  it("expires all or none", async () => {
    await publishSome(2)
    await rig.hub((hub) => hub.setRepoState(2, "PROBLEM"))
    const failure = await rig.run(Effect.flip(expireRepos([1, 2])))
    expect(failure.message).toBe("Invalid repo state transition for repo 2: PROBLEM -> EXPIRED")
    expect((await rig.run(Effect.flip(expireRepos([1, 99])))).message).toBe("No such repo: 99")
    expect(await rig.repoStates()).toEqual(["1 READY", "2 PROBLEM"])
  })
})

describe("deleteRepos", () => {
  it("removes repos at once, and packages stay where they came from", async () => {
    await publishSome(3)
    const view = readersView(rig.tagDir(), 1)
    const packages = contentOf(join(rig.topdir, "packages"))
    expect(await rig.run(deleteRepos([3, 2, 3], { force: false }))).toEqual({ removed: [3, 2], left: [], trees: [] })
    expect([latest(), inTagDir()]).toEqual(["1", ["1", "latest"]])
    expect(readersView(rig.tagDir(), 1)).toEqual(view)
    expect(contentOf(join(rig.topdir, "packages"))).toEqual(packages)
    expect(await rig.run(deleteRepos([2], { force: false }))).toEqual({ removed: [], left: [], trees: [] })
  })

  it("refuses what is pinned and the last that is READY, all named, and deletes nothing", async () => {
    await publishSome(3)
    await rig.hub((hub) => hub.pinRepos([1, 2], true))
    const refused = await rig.run(Effect.flip(deleteRepos([1, 2, 3], { force: false })))
    expect(refused.message.split("\n")).toEqual([
      "Repo 1 is pinned; unpin-repo 1 lets it go",
      "Repo 2 is pinned; unpin-repo 2 lets it go",
      "latest of demo leads to repo 3, and no other of its repos would be READY; --force deletes it all the same"
    ])
    expect(await rig.repoStates()).toEqual(["1 READY", "2 READY", "3 READY"])
    expect(inTagDir()).toEqual(["1", "2", "3", "latest"])
  })

  it("with force deletes the last one too, and the link with it; the next export begins anew", async () => {
    await publishSome(1)
    await rig.run(deleteRepos([1], { force: true }))
    expect(inTagDir()).toEqual([])
    const { repo } = await rig.publish()
    expect([repo.id, latest()]).toEqual([2, "2"])
  })

  it("leaves what is no repo, and says so", async () => {
    await publishSome(2)
    rmSync(join(rig.tagDir(), "1"), { recursive: true })
    mkdirSync(join(rig.tagDir(), "1"))
    writeFileSync(join(rig.tagDir(), "1/notes"), "of somebody")
    const { left, removed } = await rig.run(deleteRepos([1], { force: false }))
    expect([left, removed]).toEqual([[join(rig.tagDir(), "1")], [1]])
    expect(existsSync(join(rig.tagDir(), "1/notes"))).toBe(true)
  })
})

describe("a retention run", () => {
  it("expires, then removes, and never takes what latest leads to", async () => {
    await publishSome(3)
    aDayLater()
    const first = await retain({ expiredLifetime: 3600 })
    expect(first.judgements.map(({ repo, verdict }) => `${repo.id} ${verdict}`)).toEqual([
      "1 expires",
      "2 expires",
      "3 stays"
    ])
    expect([first.removed, inTagDir()]).toEqual([[], ["1", "2", "3", "latest"]])
    expect((await retain({ expiredLifetime: 3600 })).removed).toEqual([])
    aDayLater()
    expect((await retain({ expiredLifetime: 3600 })).removed).toEqual([1, 2])
    expect(await rig.repoStates()).toEqual(["1 DELETED", "2 DELETED", "3 READY"])
    expect([latest(), inTagDir()]).toEqual(["3", ["3", "latest"]])
  })

  it("keeps what is pinned, and what latest leads to although it has expired", async () => {
    await publishSome(3)
    await rig.hub((hub) => hub.pinRepos([1], true))
    await rig.run(expireRepos([1, 2, 3]))
    aDayLater()
    expect(latest()).toBe("3")
    expect((await retain()).removed).toEqual([2])
    await rig.hub((hub) => hub.pinRepos([1], false))
    expect((await retain()).removed).toEqual([1])
    expect([latest(), inTagDir()]).toEqual(["3", ["3", "latest"]])
  })

  it("is of one tag where one is named, and finishes what exports and removals left", async () => {
    await publishSome(2)
    await rig.hub((hub) => hub.addTag("other", { arches: "x86_64" }))
    const row = { createEvent: 1, content: "", options: "", fingerprint: "", root: "" }
    await rig.hub((hub) => hub.repoInit({ ...row, tag: "other" }))
    await rig.hub((hub) => hub.repoInit({ ...row, tag: "demo" }))
    // a removal that was killed when the repo had just lost its place
    await rig.hub((hub) => hub.setRepoState(1, "EXPIRED"))
    renameSync(join(rig.tagDir(), "1"), join(rig.tagDir(), ".1.tmp"))
    const { judgements, removed } = await retain({ lifetime: 9999, expiredLifetime: 9999 }, "demo")
    expect(judgements.map(({ because, repo }) => `${repo.id} ${because._tag}`)).toEqual([
      "1 Gone",
      "2 Latest",
      "4 Unfinished"
    ])
    expect([removed, inTagDir()]).toEqual([
      [1, 4],
      ["2", "latest"]
    ])
    expect(await rig.repoStates("other")).toEqual(["3 INIT"])
    expect(await rig.repoStates()).toEqual(["1 DELETED", "2 READY", "4 DELETED"])
  })

  it("says the same without doing anything when it is only asked", async () => {
    await publishSome(3, "shared")
    await rig.run(expireRepos([1]))
    aDayLater()
    const before = contentOf(rig.topdir)
    const planned = await rig.run(plannedRetention(undefined, strict))
    const states = await rig.repoStates()
    const after = contentOf(rig.topdir)
    for (const path of Object.keys(before))
      if (!path.startsWith("hub.db")) expect([path, after[path]]).toEqual([path, before[path]])
    expect(states).toEqual(["1 EXPIRED", "2 READY", "3 READY"])
    const told = ({ judgements }: typeof planned) =>
      judgements.map(({ because, repo, verdict }) => `${repo.id} ${verdict} ${because._tag}`)
    expect(told(planned)).toEqual(["1 goes Old", "2 expires Old", "3 stays Latest"])
    expect(told(await retain())).toEqual(told(planned))
  })

  it("takes internal repos as well, with the latest of their own", async () => {
    await publishSome(1)
    const row = { tag: "demo", createEvent: 1, content: "", options: "", fingerprint: "", root: "" }
    const tagDir = join(rig.topdir, "repos/demo")
    for (const id of [2, 3, 4]) {
      const customOpts = id === 4 ? { src: true } : {}
      await rig.hub((hub) => hub.repoInit({ ...row, kind: "internal", opts: {}, customOpts }))
      mkdirSync(join(tagDir, `${id}/x86_64/repodata`), { recursive: true })
      symlinkSync("../../../..", join(tagDir, `${id}/x86_64/toplink`))
      writeFileSync(join(tagDir, `${id}/repo.json`), "{}")
      await rig.hub((hub) => hub.setRepoState(id, "READY"))
    }
    aDayLater()
    await retain()
    expect(readlinkSync(join(tagDir, "latest"))).toBe("3")
    aDayLater()
    expect((await retain()).removed).toEqual([2, 4])
    expect(readdirSync(tagDir).sort()).toEqual(["3", "latest"])
    expect(latest()).toBe("1")
    // nothing behind the toplink went
    expect(existsSync(join(rig.topdir, "hub.db"))).toBe(true)
  })

  it("removes a repo on another volume with the link to it, and nothing while the volume is not there", async () => {
    await publishSome(2)
    mkdirSync(join(rig.topdir, "vol/vol2/repos-dist/demo"), { recursive: true })
    await rig.hub((hub) => hub.addVolume("vol2"))
    const row = { tag: "demo", createEvent: 1, content: "", options: "", fingerprint: "", root: "", volume: "vol2" }
    await rig.hub((hub) => hub.repoInit(row))
    const real = join(rig.topdir, "vol/vol2/repos-dist/demo/3")
    cpSync(join(rig.tagDir(), "1"), real, { recursive: true })
    symlinkSync("../../vol/vol2/repos-dist/demo/3", join(rig.tagDir(), "3"))
    await rig.hub((hub) => hub.setRepoStates([3], "EXPIRED"))
    aDayLater()
    renameSync(join(rig.topdir, "vol/vol2/repos-dist"), join(rig.topdir, "vol/vol2/away"))
    const failure = await rig.run(Effect.flip(retainRepos(undefined, strict, silent)))
    expect(failure.message).toContain("is the volume vol2 mounted?")
    expect(lstatSync(join(rig.tagDir(), "3")).isSymbolicLink()).toBe(true)
    renameSync(join(rig.topdir, "vol/vol2/away"), join(rig.topdir, "vol/vol2/repos-dist"))
    const { removed } = await retain()
    expect(removed).toContain(3)
    expect([existsSync(real), lstatSync(join(rig.tagDir(), "3"), { throwIfNoEntry: false })]).toEqual([
      false,
      undefined
    ])
    expect(readdirSync(join(rig.topdir, "vol/vol2/repos-dist/demo"))).toEqual([])
  })
})

describe("shared directories of packages", () => {
  const trees = () => {
    const at = join(rig.topdir, "repos-dist/.trees")
    return existsSync(at) ? readdirSync(at).sort() : []
  }
  const usedBy = (tag: string, id: number): ReadonlyArray<string> =>
    Object.values(contentOf(join(rig.tagDir(tag), String(id))))
      .flatMap((entry) => /^-> .*\.trees\/([0-9a-f]{64})$/.exec(entry)?.[1] ?? [])
      .sort()

  it("go with the last repo that leads to them, whatever tag it is of", async () => {
    // names that are those of folders in a repo too
    for (const tag of ["Packages", "f42/repodata"]) {
      await rig.hub((hub) =>
        Effect.gen(function* () {
          yield* hub.addTag(tag, { arches: "x86_64" })
          yield* hub.addTagInheritance(tag, "demo")
        })
      )
    }
    const layout = "shared"
    await rig.publish({ layout })
    await rig.hub((hub) => hub.untagBuild("demo", ["minish-5-2"]))
    await rig.publish({ tag: "Packages", layout })
    await rig.hub((hub) => hub.tagBuild("demo", ["weather-2.0~rc1-1"]))
    await rig.hub((hub) => hub.untagBuild("demo", ["hello-1.0-1"]))
    await rig.publish({ tag: "f42/repodata", layout })
    const [demo, packages, repodata] = [usedBy("demo", 1), usedBy("Packages", 2), usedBy("f42/repodata", 3)]
    const all = [...new Set([...demo, ...packages, ...repodata])].sort()
    expect(trees()).toEqual(all)
    const only = all.filter((tree) => !packages.includes(tree) && !repodata.includes(tree))
    expect(only.length).toBeGreaterThan(0)
    const deleted = await rig.run(deleteRepos([1], { force: true }))
    expect([...deleted.trees].sort()).toEqual(only)
    expect(trees()).toEqual([...new Set([...packages, ...repodata])].sort())
    for (const [tag, id] of [
      ["Packages", 2],
      ["f42/repodata", 3]
    ] as const) {
      expect(usedBy(tag, id).every((tree) => trees().includes(tree))).toBe(true)
      await rig.run(deleteRepos([id], { force: true }))
    }
    expect(trees()).toEqual([])
    const { repo } = await rig.publish({ layout })
    expect(usedBy("demo", repo.id).length).toBeGreaterThan(0)
  })

  it("stay while a repo leads to them that the hub does not know, or only a copy of one", async () => {
    await rig.publish({ layout: "shared" })
    const used = usedBy("demo", 1)
    cpSync(join(rig.tagDir(), "1"), join(rig.topdir, "repos-dist/kept/copy"), {
      recursive: true,
      verbatimSymlinks: true
    })
    rmSync(join(rig.topdir, "repos-dist/kept/copy/repo.json"))
    const { trees: removed } = await rig.run(deleteRepos([1], { force: true }))
    expect([removed, trees()]).toEqual([[], [...new Set(used)]])
    rmSync(join(rig.topdir, "repos-dist/kept"), { recursive: true })
    expect((await retain()).trees).toEqual([...new Set(used)])
  })
})
