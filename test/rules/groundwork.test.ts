import { readFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import { Bytes, type DigestOf, digestOf } from "../../graph/index.ts"
import { Directory } from "../../rules/directory.ts"
import { Groundwork } from "../../rules/groundwork.ts"
import { Rope } from "../../rules/rope.ts"
import type { TaggedRpm } from "../../rules/rpm-row.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixturePath, fixtureRows, fixtureSet } from "./fixture-rows.ts"

type Kit = ReturnType<typeof engineKit>

const groundworkOf = async (kit: Kit, rows: ReadonlyArray<TaggedRpm>) => {
  const set = await fixtureSet(kit, { rows })
  const input = { arch: "x86_64", all: set, topdir: "/mnt/koji", set, changelogLimit: 10, compression: "gz" as const }
  const { arch, directory } = await kit.want(Groundwork, input)
  if (directory === undefined) throw new Error("there is no directory")
  return { arch, directory }
}

/** Every path of a directory; with a "/" behind it where it is one itself, of packages or of others. */
const pathsOf = (kit: Kit, directory: DigestOf<Directory>, under = ""): ReadonlyArray<string> =>
  kit.read(Directory, directory).entries.flatMap((entry) => {
    const path = `${under}${entry.name}`
    if (entry.type === "directory") return [`${path}/`, ...pathsOf(kit, entry.content, `${path}/`)]
    return [entry.type === "packages" ? `${path}/` : path]
  })

/** The bytes of a file of `repodata`. */
const repodataFile = (kit: Kit, directory: DigestOf<Directory>, wanted: string): Buffer => {
  const repodata = kit.read(Directory, directory).entries.find(({ name }) => name === "repodata")
  if (repodata?.type !== "directory") throw new Error("repodata is no directory")
  const file = kit.read(Directory, repodata.content).entries.find(({ name }) => name === wanted)
  if (file?.type === "file") return Buffer.from(kit.read(Bytes, file.content))
  if (file?.type === "rope") return Buffer.concat(kit.read(Rope, file.content).map((part) => kit.read(Bytes, part)))
  throw new Error(`${wanted} is a ${file?.type}`)
}

describe("the groundwork of a repository", () => {
  it("has Koji's files, whole, and the letters of its packages, but no repomd.xml", async () => {
    const kit = engineKit({ path: fixturePath })
    const { arch, directory } = await groundworkOf(kit, fixtureRows())
    expect(arch).toBe("x86_64")
    expect(pathsOf(kit, directory)).toEqual([
      "Packages/",
      ...["c", "d", "f", "g", "h", "l", "m", "s", "w"].map((letter) => `Packages/${letter}/`),
      "kojipkgs",
      "pkglist",
      "repodata/",
      "repodata/filelists.xml.gz",
      "repodata/other.xml.gz",
      "repodata/primary.xml.gz"
    ])
    const primary = gunzipSync(repodataFile(kit, directory, "primary.xml.gz")).toString()
    expect(primary).toMatch(/^<\?xml .*<metadata .* packages="12">.*<\/metadata>\n?$/s)
    expect(primary.split("<package ").length - 1).toBe(12)
  })

  it("of no packages has no folder for them", async () => {
    const kit = engineKit({ path: fixturePath })
    const { directory } = await groundworkOf(kit, [])
    expect(pathsOf(kit, directory)).toEqual([
      "kojipkgs",
      "pkglist",
      "repodata/",
      "repodata/filelists.xml.gz",
      "repodata/other.xml.gz",
      "repodata/primary.xml.gz"
    ])
  })

  it("is none where a package is broken", async () => {
    const noPackage = digestOf(readFileSync(import.meta.filename))
    const kit = engineKit({ path: (digest) => (digest === noPackage ? import.meta.filename : fixturePath(digest)) })
    const rows = fixtureRows().map((rpm) =>
      rpm.name === "weather" ? { ...rpm, primary: noPackage, signatures: [] } : rpm
    )
    await expect(groundworkOf(kit, rows)).rejects.toThrow("there is no directory")
  })
})
