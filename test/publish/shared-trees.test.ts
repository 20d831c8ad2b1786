import {
  cpSync,
  existsSync,
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
import { Effect, Either } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { distRepoTagDir } from "../../src/koji/topdir.ts"
import { contentOf, type ExportRig, exportRig, readersView } from "../kit/export-rig.ts"
import { fixtureKeys } from "../kit/fixtures.ts"

let rig: ExportRig
beforeEach(async () => {
  rig = await exportRig()
})
afterEach(() => rig.close())

const shared = { layout: "shared" } as const

const trees = (): string => join(rig.topdir, "repos-dist/.trees")

/** The trees by name, each with the names in it and what tells whether it is the same as before. */
const inTrees = () =>
  Object.fromEntries(
    readdirSync(trees()).map((name) => {
      const { ctimeMs, ino } = statSync(join(trees(), name))
      return [name, { inode: ino, changed: ctimeMs, packages: readdirSync(join(trees(), name)).sort() }]
    })
  )

const letterLink = (id: number, letter: string, { arch = "x86_64", tag = "demo" } = {}): string =>
  join(rig.tagDir(tag), String(id), arch, "Packages", letter)

const helloIn = (id: number): string => join(letterLink(id, "h"), "hello-1.0-1.x86_64.rpm")

const signedHello = (): string =>
  join(rig.topdir, "packages/hello/1.0/1/data/signed", fixtureKeys.a, "x86_64/hello-1.0-1.x86_64.rpm")

const tagged = (...builds: ReadonlyArray<string>) => rig.hub((hub) => hub.tagBuild("demo", builds))

describe("a repo in the shared layout", () => {
  it("is to its readers what it is in the other layouts", async () => {
    await rig.publish({ withSrc: true })
    await rig.publish({ withSrc: true, ...shared })
    expect(readersView(rig.tagDir(), 2)).toEqual(readersView(rig.tagDir(), 1))
    await rig.publish({ withSrc: true, layout: "copy" })
    expect(readersView(rig.tagDir(), 3)).toEqual(readersView(rig.tagDir(), 1))
    await rig.publish({ withSrc: true })
    expect(readersView(rig.tagDir(), 4)).toEqual(readersView(rig.tagDir(), 1))
  })

  it("has relative links to trees, in which the signed copies of the topdir are linked", async () => {
    const before = statSync(signedHello())
    const { repo } = await rig.publish(shared)
    expect(repo).toMatchObject({ copiedInstead: 0, mended: [] })
    expect(readlinkSync(letterLink(1, "h"))).toMatch(/^\.\.\/\.\.\/\.\.\/\.\.\/\.trees\/[0-9a-f]{64}$/)
    const after = statSync(signedHello())
    expect([statSync(helloIn(1)).ino, after.nlink]).toEqual([before.ino, 2])
    expect([after.mode, after.mtimeMs, after.uid]).toEqual([before.mode, before.mtimeMs, before.uid])
    expect(statSync(join(rig.tagDir(), "latest/aarch64/Packages/d/demo-release-42-1.noarch.rpm")).nlink).toBe(2)
  })

  it("has links from where it is, however deep a tag's name goes", async () => {
    const tag = "demo/updates/testing"
    await rig.hub((hub) =>
      Effect.gen(function* () {
        yield* hub.addTag(tag, { arches: "x86_64" })
        yield* hub.addPackages(tag, ["hello"])
        yield* hub.tagBuild(tag, ["hello-1.0-1"])
      })
    )
    await rig.publish({ tag, ...shared })
    expect(readlinkSync(letterLink(1, "h", { tag }))).toMatch(/^(\.\.\/){6}\.trees\//)
    expect(Object.keys(readersView(rig.tagDir(tag), 1))).toContain("x86_64/Packages/h/hello-1.0-1.x86_64.rpm")
  })

  it("has links that are right also where the tag's folder lies elsewhere", async () => {
    const elsewhere = join(rig.folder, "another/volume/of/repos")
    mkdirSync(elsewhere, { recursive: true })
    mkdirSync(join(rig.topdir, "repos-dist"))
    symlinkSync(elsewhere, rig.tagDir())
    await rig.publish(shared)
    expect(Object.keys(readersView(rig.tagDir(), 1))).toContain("x86_64/Packages/h/hello-1.0-1.x86_64.rpm")
  })

  it("makes no tree anew that is there: of an unchanged tag, of unchanged letters, of another tag", async () => {
    await rig.publish(shared)
    const first = inTrees()
    await rig.publish({ ...shared, force: true })
    expect(inTrees()).toEqual(first)
    await tagged("hello-1.1-1")
    let placed = 0
    await rig.publish(shared, {
      onEvent: (event) => {
        if (event._tag === "Placed") placed = event.packages
      }
    })
    const second = inTrees()
    expect(second).toMatchObject(first)
    const made = Object.keys(second).filter((name) => !(name in first))
    expect(made.flatMap((name) => second[name]?.packages ?? []).sort()).toEqual([
      "hello-1.1-1.aarch64.rpm",
      "hello-1.1-1.x86_64.rpm"
    ])
    expect(placed).toBe(2)
    await rig.hub((hub) =>
      Effect.zipRight(hub.addTag("child", { arches: "x86_64" }), hub.addTagInheritance("child", "demo"))
    )
    await rig.publish({ tag: "child", ...shared })
    expect(inTrees()).toEqual(second)
  })

  it("has the bytes of one made from scratch after builds came and went", async () => {
    await rig.publish(shared)
    await tagged("hello-1.1-1")
    await rig.publish(shared)
    await rig.hub((hub) => hub.untagBuild("demo", ["weather-2.0~rc1-1", "minish-5-2"]))
    await rig.publish(shared)
    const incremental = readersView(rig.tagDir(), 3)
    rmSync(trees(), { recursive: true })
    for (const layout of ["shared", "hardlink"] as const) {
      const { repo } = await rig.publish({ layout, force: true }, { store: join(rig.folder, `fresh-${layout}`) })
      expect(readersView(rig.tagDir(), repo.id)).toEqual(incremental)
    }
  })
})

describe("a tree that somebody has been at", () => {
  const harms: Readonly<Record<string, (tree: string) => void>> = {
    "a package is missing": (tree) => rmSync(join(tree, "hello-1.0-1.x86_64.rpm")),
    "a package is another, shorter file": (tree) => {
      rmSync(join(tree, "hello-1.0-1.x86_64.rpm"))
      writeFileSync(join(tree, "hello-1.0-1.x86_64.rpm"), "short")
    },
    "a package leads nowhere": (tree) => {
      rmSync(join(tree, "hello-1.0-1.x86_64.rpm"))
      symlinkSync("nowhere", join(tree, "hello-1.0-1.x86_64.rpm"))
    }
  }
  for (const [what, harm] of Object.entries(harms)) {
    it(`(${what}) is mended, which is told, for the repos before as well`, async () => {
      await rig.publish(shared)
      const before = readersView(rig.tagDir(), 1)
      const { repo: calm } = await rig.publish({ ...shared, force: true })
      expect(calm.mended).toEqual([])
      const tree = join(rig.tagDir(), "1/x86_64/Packages", readlinkSync(letterLink(1, "h")))
      harm(tree)
      const { repo } = await rig.publish({ ...shared, force: true })
      expect(repo.mended).toEqual([tree])
      expect(readersView(rig.tagDir(), 1)).toEqual(before)
      expect(readersView(rig.tagDir(), 3)).toEqual(before)
      expect(statSync(helloIn(3)).ino).toBe(statSync(signedHello()).ino)
      expect(readdirSync(trees()).filter((name) => name.startsWith("."))).toEqual([])
      expect((await rig.publish({ ...shared, force: true })).repo.mended).toEqual([])
    })
  }

  it("without doing harm is looked at once, and what is not the repo's stays", async () => {
    await rig.publish(shared)
    const tree = join(rig.tagDir(), "1/x86_64/Packages", readlinkSync(letterLink(1, "h")))
    writeFileSync(join(tree, "README"), "of somebody")
    const { repo } = await rig.publish({ ...shared, force: true })
    expect(repo.mended).toEqual([])
    expect(readFileSync(join(tree, "README"), "utf8")).toBe("of somebody")
    const looked = statSync(tree).ctimeMs
    await rig.publish({ ...shared, force: true })
    expect(statSync(tree).ctimeMs).toBe(looked)
  })

  it("stays as it is where the packages that it needs are gone, and they are named", async () => {
    await rig.publish(shared)
    rmSync(helloIn(1))
    const damaged = contentOf(rig.topdir)
    rmSync(signedHello())
    const error = await rig.exportFailure({ ...shared, force: true })
    expect(error._tag).toBe("PackagesGone")
    expect(error.message).toContain(signedHello())
    expect(contentOf(trees())).toEqual(
      Object.fromEntries(
        Object.entries(damaged).flatMap(([path, what]) =>
          path.startsWith("repos-dist/.trees/") ? [[path.slice("repos-dist/.trees/".length), what]] : []
        )
      )
    )
    expect(await rig.repoStates()).toEqual(["1 READY", "2 DELETED"])
  })
})

describe("trees", () => {
  it("that were never finished are cleared away by the next publication, whatever its tag and layout", async () => {
    await rig.publish(shared)
    const [name = ""] = readdirSync(trees())
    cpSync(join(trees(), name), join(trees(), ".half.tmp"), { recursive: true })
    await rig.publish({ force: true })
    expect(readdirSync(trees())).not.toContain(".half.tmp")
  })

  it("are not made of packages that are gone", async () => {
    await rig.publish()
    rmSync(signedHello())
    expect((await rig.exportFailure(shared))._tag).toBe("PackagesGone")
    const names = Object.values(inTrees()).flatMap(({ packages }) => packages)
    expect(names).not.toContain("hello-1.0-1.x86_64.rpm")
    expect(readdirSync(trees()).filter((name) => name.startsWith("."))).toEqual([])
  })

  it("lie where no tag can have its repos", () => {
    for (const tag of [".trees", "f42/.trees", ".trees/f42"]) expect(Either.isLeft(distRepoTagDir(tag))).toBe(true)
  })

  it("are gone with nothing but the repos that share them", async () => {
    await rig.publish(shared)
    await rig.publish()
    rmSync(trees(), { recursive: true })
    expect(existsSync(helloIn(1))).toBe(false)
    expect(existsSync(helloIn(2))).toBe(true)
    await rig.publish({ ...shared, force: true })
    expect(existsSync(helloIn(1))).toBe(true)
  })
})
