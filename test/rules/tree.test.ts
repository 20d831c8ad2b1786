import { describe, expect, it } from "vitest"
import { Bytes, type DigestOf } from "../../graph/index.ts"
import { Directory } from "../../rules/directory.ts"
import { PackageDirectory } from "../../rules/package-directory.ts"
import { Rope } from "../../rules/rope.ts"
import { Tree } from "../../rules/tree.ts"
import { engineKit } from "../kit/engine-kit.ts"

type Kit = ReturnType<typeof engineKit>

const inputOf = (kit: Kit, letters: ReadonlyArray<string>) => {
  const rope = (text: string) => kit.give(Rope, [kit.give(Bytes, Buffer.from(text))])
  const content = kit.give(PackageDirectory, [])
  return {
    packages: kit.give(Directory, { entries: letters.map((name) => ({ name, type: "packages" as const, content })) }),
    pkglist: rope("pkglist"),
    kojipkgs: rope("kojipkgs"),
    repodata: repodataOf(kit)
  }
}

const repodataOf = (kit: Kit) =>
  kit.give(Directory, {
    entries: [{ name: "repomd.xml", type: "file", content: kit.give(Bytes, Buffer.from("repomd")) }]
  })

/** Every path of a tree; with a "/" behind it where it is a directory, of packages or of others. */
const pathsOf = (kit: Kit, tree: DigestOf<Directory>, under = ""): ReadonlyArray<string> =>
  kit.read(Directory, tree).entries.flatMap((entry) => {
    const path = `${under}${entry.name}`
    if (entry.type === "directory") return [`${path}/`, ...pathsOf(kit, entry.content, `${path}/`)]
    return [entry.type === "packages" ? `${path}/` : path]
  })

describe("the tree of a repository", () => {
  it("has Koji's files and the letters of its packages", async () => {
    const kit = engineKit()
    expect(pathsOf(kit, await kit.want(Tree, inputOf(kit, ["b", "z"])))).toEqual([
      "Packages/",
      "Packages/b/",
      "Packages/z/",
      "kojipkgs",
      "pkglist",
      "repodata/",
      "repodata/repomd.xml"
    ])
  })

  it("has the sub-repository of debug information beside its own files", async () => {
    const kit = engineKit()
    const pkglist = kit.give(Rope, [kit.give(Bytes, Buffer.from("../Packages/b/b-debuginfo-1-1.x86_64.rpm\n"))])
    const debug = { pkglist, repodata: repodataOf(kit) }
    expect(pathsOf(kit, await kit.want(Tree, { ...inputOf(kit, ["b"]), debug }))).toEqual([
      "Packages/",
      "Packages/b/",
      "debug/",
      "debug/pkglist",
      "debug/repodata/",
      "debug/repodata/repomd.xml",
      "kojipkgs",
      "pkglist",
      "repodata/",
      "repodata/repomd.xml"
    ])
  })

  it("has no packages but Koji's mark where there are none", async () => {
    const kit = engineKit()
    const tree = await kit.want(Tree, inputOf(kit, []))
    expect(pathsOf(kit, tree)).toEqual([
      "kojipkgs",
      "pkglist",
      "repodata/",
      "repodata/EMPTY_REPO",
      "repodata/repomd.xml"
    ])
    const repodata = kit.read(Directory, tree).entries.find(({ name }) => name === "repodata")
    if (repodata?.type !== "directory") throw new Error("repodata is no directory")
    const mark = kit.read(Directory, repodata.content).entries.find(({ name }) => name === "EMPTY_REPO")
    if (mark?.type !== "file") throw new Error("EMPTY_REPO is no file")
    expect(Buffer.from(kit.read(Bytes, mark.content)).toString()).toBe(
      "This repo is empty because its tag has no content for this arch\n"
    )
  })
})
