import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { Context, Effect, Fiber, Layer } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { Store } from "../../graph/index.ts"
import { distRepo } from "../../src/export/dist-repo.ts"
import { Hub } from "../../src/hub/hub.ts"
import { type Publication, publishRepo, repairLatest } from "../../src/publish/publish-repo.ts"
import { contentOf, type ExportRig, exportRig, rigRequest, treeOf } from "../kit/export-rig.ts"
import { fixtureKeys } from "../kit/fixtures.ts"

let rig: ExportRig
beforeEach(async () => {
  rig = await exportRig()
})
afterEach(() => rig.close())

const signedHello = (): string =>
  join(rig.topdir, "packages/hello/1.0/1/data/signed", fixtureKeys.a, "x86_64/hello-1.0-1.x86_64.rpm")

const tagged = (...builds: ReadonlyArray<string>) => rig.hub((hub) => hub.tagBuild("demo", builds))

/** The names in a tag's folder, `latest` with its target. */
const inTagDir = (tag?: string): ReadonlyArray<string> =>
  readdirSync(rig.tagDir(tag))
    .sort()
    .map((name) => (name === "latest" ? `latest -> ${readlinkSync(join(rig.tagDir(tag), name))}` : name))

/** The names of shared directories of packages. */
const treesLeft = (): ReadonlyArray<string> => {
  const trees = join(rig.topdir, "repos-dist/.trees")
  return existsSync(trees) ? readdirSync(trees) : []
}

/** The publication that an export made, to be made again by hand. */
const publicationOf = (made: Awaited<ReturnType<ExportRig["publish"]>>): Publication => ({
  tag: "demo",
  createEvent: made.snapshot.event,
  content: made.snapshot.content,
  options: "{}",
  fingerprint: "",
  root: "",
  tree: made.output.root,
  repoJson: (id) => JSON.stringify({ id }),
  layout: "hardlink"
})

describe("a published repo", () => {
  it("has Koji's layout, and latest is a relative link to its id", async () => {
    const { repo } = await rig.publish({ withSrc: true })
    expect(repo).toEqual({ id: 1, path: join(rig.tagDir(), "1"), latest: 1, copiedInstead: 0, mended: [] })
    const shown = treeOf(rig.tagDir()).map(({ path, target, type }) => {
      const name = path.replace(/[0-9a-f]{64}-/, "SUM-")
      return type === "directory" ? `${name}/` : type === "link" ? `${name} -> ${target}` : name
    })
    const repository = (arch: string, rpms: ReadonlyArray<string>) => [
      `1/${arch}/`,
      `1/${arch}/Packages/`,
      ...rpms.flatMap((rpm, index) => {
        const [letter] = rpm
        const folder = `1/${arch}/Packages/${letter}/`
        return rpms[index - 1]?.startsWith(letter ?? "") ? [folder + rpm] : [folder, folder + rpm]
      }),
      `1/${arch}/kojipkgs`,
      `1/${arch}/pkglist`,
      `1/${arch}/repodata/`,
      `1/${arch}/repodata/SUM-filelists.xml.gz`,
      `1/${arch}/repodata/SUM-other.xml.gz`,
      `1/${arch}/repodata/SUM-primary.xml.gz`,
      `1/${arch}/repodata/repomd.xml`
    ]
    const binaries = (arch: string) => [
      `clockwork-3.2-4.${arch}.rpm`,
      "demo-release-42-1.noarch.rpm",
      "greet-doc-2.0-3.noarch.rpm",
      `hello-1.0-1.${arch}.rpm`,
      `libgreet-2.0-3.${arch}.rpm`,
      `libgreet-debuginfo-2.0-3.${arch}.rpm`,
      `libgreet-devel-2.0-3.${arch}.rpm`,
      `minish-5-2.${arch}.rpm`,
      `weather-2.0~rc1-1.${arch}.rpm`
    ]
    const sources = ["clockwork-3.2-4", "demo-release-42-1", "hello-1.0-1", "libgreet-2.0-3", "minish-5-2"]
    expect(shown.sort()).toEqual(
      [
        "1/",
        ...repository("aarch64", binaries("aarch64")),
        "1/repo.json",
        ...repository(
          "src",
          [...sources, "weather-2.0~rc1-1"].map((name) => `${name}.src.rpm`)
        ),
        ...repository("x86_64", binaries("x86_64")),
        "latest -> 1"
      ].sort()
    )
  })

  it("records its request in repo.json, as Koji does", async () => {
    await rig.publish({ keys: ["69C29EFF", fixtureKeys.b], withSrc: true })
    expect(readFileSync(join(rig.tagDir(), "1/repo.json"), "utf8")).toBe(
      `{
  "id": 1,
  "tag": "demo",
  "tag_id": 1,
  "keys": [
    "69C29EFF",
    "fafdf4f9"
  ],
  "volume": null,
  "task_opts": {
    "arch": [
      "x86_64",
      "aarch64",
      "src"
    ],
    "comps": null,
    "delta": [],
    "event": null,
    "volume": null,
    "inherit": true,
    "latest": true,
    "multilib": null,
    "split_debuginfo": false,
    "skip_missing_signatures": false,
    "allow_missing_signatures": false,
    "zck": false,
    "zck_dict_dir": null,
    "write_signed_rpms": false
  }
}`
    )
  })

  it("links the signed copies of the topdir and leaves them as they are", async () => {
    const before = statSync(signedHello())
    await rig.publish()
    const after = statSync(signedHello())
    const linked = statSync(join(rig.tagDir(), "latest/x86_64/Packages/h/hello-1.0-1.x86_64.rpm"))
    expect([linked.dev, linked.ino, linked.nlink]).toEqual([before.dev, before.ino, 2])
    expect([after.mode, after.mtimeMs, after.uid, after.gid]).toEqual([
      before.mode,
      before.mtimeMs,
      before.uid,
      before.gid
    ])
    await rig.publish({ force: true })
    expect(statSync(signedHello()).nlink).toBe(3)
    const noarch = join(rig.tagDir(), "1/aarch64/Packages/d/demo-release-42-1.noarch.rpm")
    expect(statSync(noarch).nlink).toBe(5)
  })

  it("links the signed copy where the rpm was imported signed, though both have the same bytes, as Koji does", async () => {
    rig.close()
    rig = await exportRig({ imports: "key-a", builds: ["hello-1.0-1"] })
    await rig.hub((hub) => hub.writeSignedRpms(fixtureKeys.a, ["hello-1.0-1.x86_64", "hello-1.0-1.aarch64"]))
    const primary = join(rig.topdir, "packages/hello/1.0/1/x86_64/hello-1.0-1.x86_64.rpm")
    expect(readFileSync(signedHello())).toEqual(readFileSync(primary))
    expect(statSync(signedHello()).ino).not.toBe(statSync(primary).ino)
    await rig.publish()
    const linked = statSync(join(rig.tagDir(), "latest/x86_64/Packages/h/hello-1.0-1.x86_64.rpm"))
    expect(linked.ino).toBe(statSync(signedHello()).ino)
  })

  it("has copies in the copy layout, which is another repo than the linked one", async () => {
    await rig.publish()
    const { repo } = await rig.publish({ layout: "copy" })
    expect(repo).toMatchObject({ id: 2, copiedInstead: 0 })
    for (const entry of treeOf(join(rig.tagDir(), "2"))) if (entry.type === "file") expect(entry.nlink).toBe(1)
    for (const arch of ["x86_64", "aarch64"]) {
      expect(contentOf(join(rig.tagDir(), "2", arch))).toEqual(contentOf(join(rig.tagDir(), "1", arch)))
    }
  })

  it("shows in repomd.xml's own time when it was published, not when its content changed", async () => {
    const since = Date.now()
    await rig.publish()
    await rig.publish({ force: true })
    const times = [1, 2].map((id) => statSync(join(rig.tagDir(), `${id}/x86_64/repodata/repomd.xml`)).mtimeMs)
    expect(times[0]).toBeGreaterThan(since - 1000)
    expect(times[1]).toBeGreaterThan(times[0] ?? 0)
  })

  it("may be of a tag with slashes in its name", async () => {
    await rig.hub((hub) =>
      Effect.gen(function* () {
        yield* hub.addTag("demo/updates/testing", { arches: "x86_64" })
        yield* hub.addPackages("demo/updates/testing", ["hello"])
        yield* hub.tagBuild("demo/updates/testing", ["hello-1.0-1"])
      })
    )
    await rig.publish({ tag: "demo/updates/testing" })
    expect(inTagDir("demo/updates/testing")).toEqual(["1", "latest -> 1"])
  })
})

describe("latest", () => {
  it("moves to each new repo", async () => {
    await rig.publish()
    await tagged("hello-1.1-1")
    await rig.publish()
    await rig.publish({ force: true })
    expect(inTagDir()).toEqual(["1", "2", "3", "latest -> 3"])
  })

  it("stays where a repo of an earlier event is made", async () => {
    const { snapshot } = await rig.publish()
    await tagged("hello-1.1-1")
    await rig.publish()
    const { repo } = await rig.publish({ event: snapshot.event })
    expect(repo.id).toBe(3)
    expect(inTagDir()).toEqual(["1", "2", "3", "latest -> 2"])
    expect(await rig.repoStates()).toEqual(["1 READY", "2 READY", "3 READY"])
    expect(contentOf(join(rig.tagDir(), "3/x86_64"))).toEqual(contentOf(join(rig.tagDir(), "1/x86_64")))
  })

  it("is mended by the next export where it is missing, wrong, or leads nowhere", async () => {
    await rig.publish()
    await rig.publish({ force: true })
    const latest = join(rig.tagDir(), "latest")
    for (const target of [undefined, "1", "99"]) {
      rmSync(latest)
      if (target !== undefined) symlinkSync(target, latest)
      expect(await rig.export()).toMatchObject({ _tag: "Unchanged", repo: { id: 2 } })
      expect(inTagDir()).toEqual(["1", "2", "latest -> 2"])
    }
  })

  it("is not made where there is no repo to point to", async () => {
    await rig.run(repairLatest("demo"))
    expect(readdirSync(rig.topdir)).not.toContain("repos-dist")
  })
})

describe("the order of a publication", () => {
  it("is: whole in its place, then READY, then latest", async () => {
    await rig.publish()
    await tagged("hello-1.1-1")
    const seen: Array<string> = []
    const look = (when: string): void => void seen.push(`${when}: ${inTagDir().join(" ")}`)
    const watched = Layer.effect(
      Hub,
      Effect.map(Hub, (hub) => ({
        ...hub,
        repoInit: (repo: Parameters<typeof hub.repoInit>[0]) =>
          Effect.zipLeft(
            hub.repoInit(repo),
            Effect.sync(() => look("INIT"))
          ),
        setRepoState: (...[id, state]: Parameters<typeof hub.setRepoState>) =>
          Effect.zipRight(
            Effect.sync(() => {
              look(state)
              seen.push(
                `whole: ${readdirSync(join(rig.tagDir(), String(id)))
                  .sort()
                  .join(" ")}`
              )
            }),
            hub.setRepoState(id, state)
          )
      }))
    )
    await rig.run(Effect.provide(distRepo(rigRequest), watched))
    expect(seen).toEqual([
      "INIT: .begun.tmp 1 latest -> 1",
      "READY: 1 2 latest -> 1",
      "whole: aarch64 repo.json x86_64"
    ])
    expect(inTagDir()).toEqual(["1", "2", "latest -> 2"])
  })
})

describe("a publication that fails", () => {
  it("names every package that is gone and leaves nothing but a row that says DELETED", async () => {
    await rig.publish()
    await tagged("hello-1.1-1")
    const before = contentOf(rig.tagDir())
    const gone = ["minish/5/2/data/signed", "weather/2.0~rc1/1/data/signed"].map((at) =>
      join(rig.topdir, "packages", at)
    )
    for (const folder of gone) rmSync(folder, { recursive: true })
    const error = await rig.exportFailure()
    const paths = ["aarch64", "x86_64"].flatMap((arch) => [
      `${gone[0]}/${fixtureKeys.a}/${arch}/minish-5-2.${arch}.rpm`,
      `${gone[1]}/${fixtureKeys.a}/${arch}/weather-2.0~rc1-1.${arch}.rpm`
    ])
    expect(error._tag).toBe("PackagesGone")
    for (const path of paths) expect(error.message).toContain(path)
    expect(contentOf(rig.tagDir())).toEqual(before)
    expect(await rig.repoStates()).toEqual(["1 READY", "2 DELETED"])
  })

  it("because something stands in the repo's place leaves that as it is", async () => {
    await rig.publish()
    mkdirSync(join(rig.tagDir(), "2"))
    writeFileSync(join(rig.tagDir(), "2/notes"), "of somebody")
    const error = await rig.exportFailure({ force: true })
    expect(error.message).toMatch(/demo\/2 cannot be written: ENOTEMPTY/)
    expect(await rig.repoStates()).toEqual(["1 READY", "2 DELETED"])
    const { repo } = await rig.publish({ force: true })
    expect(repo.id).toBe(3)
    expect(inTagDir()).toEqual(["1", "2", "3", "latest -> 3"])
    expect(readFileSync(join(rig.tagDir(), "2/notes"), "utf8")).toBe("of somebody")
  })

  it("because the folder of repos is a file makes no row", async () => {
    writeFileSync(join(rig.topdir, "repos-dist"), "in the way")
    const error = await rig.exportFailure()
    expect(error.message).toMatch(/repos-dist\/demo cannot be written: E(NOTDIR|EXIST)/)
    expect(await rig.repoStates()).toEqual([])
  })

  it("at its very last step is READY, and the next export points latest to it", async () => {
    await rig.publish()
    rmSync(join(rig.tagDir(), "latest"))
    mkdirSync(join(rig.tagDir(), "latest/in-the-way"), { recursive: true })
    expect((await rig.exportFailure({ force: true })).message).toMatch(/demo cannot be written: E/)
    expect(await rig.repoStates()).toEqual(["1 READY", "2 READY"])
    rmSync(join(rig.tagDir(), "latest"), { recursive: true })
    expect((await rig.export())._tag).toBe("Unchanged")
    expect(inTagDir()).toEqual(["1", "2", "latest -> 2"])
  })

  it.each(["hardlink", "shared", "copy"] as const)(
    "because it was interrupted leaves nothing either (%s)",
    async (layout) => {
      const made = await rig.publish()
      const before = contentOf(rig.tagDir())
      let asked = false
      // never answers when it is asked which packages are in the directory of h
      const stuck = Layer.map(Layer.service(Store), (context) => {
        const store = Context.get(context, Store)
        const blob: typeof store.blob = (digest) =>
          Effect.flatMap(store.blob(digest), (bytes) => {
            asked ||= /^[0-9a-f]{64}\/\d+\tpackages\/hello\//.test(Buffer.from(bytes).toString())
            return asked ? Effect.never : Effect.succeed(bytes)
          })
        return Context.make(Store, { ...store, blob })
      })
      await rig.run(
        Effect.gen(function* () {
          const publishing = yield* Effect.fork(Effect.provide(publishRepo({ ...publicationOf(made), layout }), stuck))
          while (!asked) yield* Effect.sleep("5 millis")
          expect(inTagDir()).toContain(".2.tmp")
          expect(treesLeft().some((name) => name.startsWith("."))).toBe(layout === "shared")
          yield* Fiber.interrupt(publishing)
        })
      )
      expect(await rig.repoStates()).toEqual(["1 READY", "2 DELETED"])
      expect(contentOf(rig.tagDir())).toEqual(before)
      expect(treesLeft().filter((name) => name.startsWith("."))).toEqual([])
    }
  )
})

describe("what a killed publication left", () => {
  const leave = async (): Promise<number> => {
    const made = await rig.publish()
    const { repoJson: _, tree: __, layout: ___, ...row } = publicationOf(made)
    return rig.hub((hub) => hub.repoInit(row))
  }

  it("is cleared away by the next: a row alone, a half-written tree, a complete repo that is not READY, half a link", async () => {
    const early = await leave()
    const middle = await rig.hub((hub) =>
      hub.repoInit({ tag: "demo", createEvent: 1, content: "", options: "", fingerprint: "", root: "" })
    )
    const late = await rig.hub((hub) =>
      hub.repoInit({ tag: "demo", createEvent: 1, content: "", options: "", fingerprint: "", root: "" })
    )
    const dir = rig.tagDir()
    cpSync(join(dir, "1/x86_64/repodata"), join(dir, `.${middle}.tmp/x86_64/repodata`), { recursive: true })
    cpSync(join(dir, "1"), join(dir, String(late)), { recursive: true })
    writeFileSync(join(dir, ".latest.tmp"), "")
    expect([early, middle, late]).toEqual([2, 3, 4])
    const { repo } = await rig.publish({ force: true })
    expect(repo.id).toBe(5)
    expect(inTagDir()).toEqual(["1", "5", "latest -> 5"])
    expect(await rig.repoStates()).toEqual(["1 READY", "2 DELETED", "3 DELETED", "4 DELETED", "5 READY"])
  })

  it("never is what somebody else put in a repo's place", async () => {
    const id = await leave()
    mkdirSync(join(rig.tagDir(), String(id)))
    writeFileSync(join(rig.tagDir(), String(id), "notes"), "of somebody")
    await rig.publish({ force: true })
    expect(readFileSync(join(rig.tagDir(), String(id), "notes"), "utf8")).toBe("of somebody")
    expect(await rig.repoStates()).toEqual(["1 READY", `${id} DELETED`, "3 READY"])
  })

  it("does not keep other tags from publishing, nor is it touched by them", async () => {
    await leave()
    await rig.hub((hub) =>
      Effect.gen(function* () {
        yield* hub.addTag("other", { arches: "x86_64" })
        yield* hub.addPackages("other", ["hello"])
        yield* hub.tagBuild("other", ["hello-1.0-1"])
      })
    )
    await rig.publish({ tag: "other" })
    expect(await rig.repoStates()).toEqual(["1 READY", "2 INIT"])
    expect(lstatSync(join(rig.tagDir("other"), "latest")).isSymbolicLink()).toBe(true)
  })
})
