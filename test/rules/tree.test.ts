import { describe, expect, it } from "vitest"
import { Bytes, type Digest, type DigestOf } from "../../graph/index.ts"
import { Directory } from "../../rules/directory.ts"
import { Rope } from "../../rules/rope.ts"
import type { TaggedRpm } from "../../rules/rpm-row.ts"
import { Tree } from "../../rules/tree.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixtureRows, fixtureSet } from "./fixture-rows.ts"
import { taggedRpm } from "./rows.ts"

type Kit = ReturnType<typeof engineKit>

const inputOf = async (kit: Kit, rows: ReadonlyArray<TaggedRpm>) => {
  const rope = (text: string) => kit.give(Rope, [kit.give(Bytes, Buffer.from(text))])
  return {
    set: await fixtureSet(kit, { rows }),
    pkglist: rope("pkglist"),
    kojipkgs: rope("kojipkgs"),
    repomd: kit.give(Bytes, Buffer.from("repomd")),
    primary: { name: "aa-primary.xml.gz", content: rope("primary") },
    filelists: { name: "55-filelists.xml.gz", content: rope("filelists") },
    other: { name: "00-other.xml.gz", content: rope("other") }
  }
}

/** Every path of a tree, directories too; a package with its digest. */
const pathsOf = (kit: Kit, tree: DigestOf<Directory>, under = ""): ReadonlyArray<string> =>
  kit.read(Directory, tree).entries.flatMap((entry) => {
    const path = `${under}${entry.name}`
    if (entry.type === "directory") return [`${path}/`, ...pathsOf(kit, entry.content, `${path}/`)]
    return [entry.type === "package" ? `${path} ${entry.content}` : path]
  })

const treeOf = async (rows: ReadonlyArray<TaggedRpm>) => {
  const kit = engineKit()
  const input = await inputOf(kit, rows)
  return { kit, paths: pathsOf(kit, await kit.want(Tree, input)) }
}

const named = (...names: ReadonlyArray<string>) => names.map((name) => taggedRpm({ name }))

describe("the tree of a repository", () => {
  it("has Koji's files, and each package in the directory of its letter", async () => {
    const [one, other] = named("zsh", "bash")
    const { paths } = await treeOf([one, other].flatMap((rpm) => rpm ?? []))
    expect(paths).toEqual([
      "Packages/",
      "Packages/b/",
      `Packages/b/bash-1.0-1.x86_64.rpm ${other?.primary}`,
      "Packages/z/",
      `Packages/z/zsh-1.0-1.x86_64.rpm ${one?.primary}`,
      "kojipkgs",
      "pkglist",
      "repodata/",
      "repodata/00-other.xml.gz",
      "repodata/55-filelists.xml.gz",
      "repodata/aa-primary.xml.gz",
      "repodata/repomd.xml"
    ])
  })

  it("puts upper and lower case under one letter", async () => {
    const { paths } = await treeOf(named("R", "Rcpp", "readline", "zlib", "Zim"))
    const names = paths.map((path) => path.split(" ")[0])
    expect(names.filter((path) => path?.startsWith("Packages/"))).toEqual([
      "Packages/",
      "Packages/r/",
      "Packages/r/R-1.0-1.x86_64.rpm",
      "Packages/r/Rcpp-1.0-1.x86_64.rpm",
      "Packages/r/readline-1.0-1.x86_64.rpm",
      "Packages/z/",
      "Packages/z/Zim-1.0-1.x86_64.rpm",
      "Packages/z/zlib-1.0-1.x86_64.rpm"
    ])
  })

  it("has each package once, although its letters lie in many chunks", async () => {
    const rows = Array.from({ length: 400 }, (_, at) => taggedRpm({ name: `${"aBc1"[at % 4]}${at}` }))
    const { paths } = await treeOf(rows)
    const found = paths.filter((path) => path.includes(".rpm"))
    expect(found).toHaveLength(400)
    expect(new Set(found).size).toBe(400)
    expect(paths.filter((path) => /^Packages\/.\/$/.test(path))).toEqual([..."1abc"].map((l) => `Packages/${l}/`))
  })

  it("puts names outside ASCII where their paths say", async () => {
    const { paths } = await treeOf(named("İstanbul", "Ünix"))
    expect(paths.map((path) => path.split(" ")[0])).toContain("Packages/i\u0307/İstanbul-1.0-1.x86_64.rpm")
    expect(paths.map((path) => path.split(" ")[0])).toContain("Packages/ü/Ünix-1.0-1.x86_64.rpm")
  })

  it("has no packages but Koji's mark where there are none", async () => {
    const { kit, paths } = await treeOf([])
    expect(paths).toEqual([
      "kojipkgs",
      "pkglist",
      "repodata/",
      "repodata/00-other.xml.gz",
      "repodata/55-filelists.xml.gz",
      "repodata/EMPTY_REPO",
      "repodata/aa-primary.xml.gz",
      "repodata/repomd.xml"
    ])
    const tree = kit.read(Directory, await kit.want(Tree, await inputOf(kit, [])))
    const repodata = tree.entries.find(({ name }) => name === "repodata")
    if (repodata?.type !== "directory") throw new Error("repodata is no directory")
    const mark = kit.read(Directory, repodata.content).entries.find(({ name }) => name === "EMPTY_REPO")
    if (mark?.type !== "file") throw new Error("EMPTY_REPO is no file")
    expect(Buffer.from(kit.read(Bytes, mark.content)).toString()).toBe(
      "This repo is empty because its tag has no content for this arch\n"
    )
  })

  it("keeps the directories of letters that did not change", async () => {
    const kit = engineKit()
    const letters = async (rows: ReadonlyArray<TaggedRpm>) => {
      const tree = kit.read(Directory, await kit.want(Tree, await inputOf(kit, rows)))
      const packages = tree.entries.find(({ name }) => name === "Packages")
      if (packages?.type !== "directory") throw new Error("no Packages")
      return new Map<string, Digest>(
        kit.read(Directory, packages.content).entries.map(({ content, name }) => [name, content])
      )
    }
    const rows = fixtureRows()
    const before = await letters(rows.filter(({ version }) => version !== "1.1"))
    const after = await letters(rows)
    expect([...after].filter(([letter, content]) => before.get(letter) !== content).map(([letter]) => letter)).toEqual([
      "h"
    ])
  })
})
