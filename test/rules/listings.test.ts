import { describe, expect, it } from "vitest"
import { Bytes, type Digest, type DigestOf } from "../../graph/index.ts"
import { Directory } from "../../rules/directory.ts"
import { Listings } from "../../rules/listings.ts"
import { PackageDirectory, PackageFiles } from "../../rules/package-directory.ts"
import { Rope } from "../../rules/rope.ts"
import { ChosenChunk, copyPath, type TaggedRpm } from "../../rules/rpm-row.ts"
import { ChosenList } from "../../rules/signed-lookup.ts"
import { kojipkgs } from "../../src/koji/kojipkgs.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixtureKeys } from "../kit/fixtures.ts"
import { fixtureRows, fixtureSet } from "./fixture-rows.ts"
import { taggedRpm } from "./rows.ts"

const topdir = "/mnt/koji"

type Kit = ReturnType<typeof engineKit>

/** The letter directories, each with its digest and its packages. */
const lettersIn = (kit: Kit, packages: DigestOf<Directory>) =>
  kit.read(Directory, packages).entries.map((entry) => {
    if (entry.type !== "packages") throw new Error(`${entry.name} is no directory of packages`)
    const { content, name } = entry
    const runs = kit.read(PackageDirectory, content)
    return { letter: name, content, runs: runs.length, files: runs.flatMap((run) => kit.read(PackageFiles, run)) }
  })

/** The names of the packages by letter. */
const namesByLetter = async (rows: ReadonlyArray<TaggedRpm>) =>
  Object.fromEntries(
    (await listingsOf(rows)).letters.map(({ files, letter }) => [
      letter,
      files.map(({ path }) => path.replace(/^.*\//, ""))
    ])
  )

const named = (...names: ReadonlyArray<string>) => names.map((name) => taggedRpm({ name }))

const listingsOf = async (rows: ReadonlyArray<TaggedRpm>, keys?: ReadonlyArray<string>) => {
  const kit = engineKit()
  const set = await fixtureSet(kit, { rows, ...(keys === undefined ? {} : { keys }) })
  const made = await kit.want(Listings, { set, topdir })
  const text = (rope: DigestOf<ReadonlyArray<DigestOf<Uint8Array>>>) =>
    Buffer.concat(kit.read(Rope, rope).map((part) => kit.read(Bytes, part))).toString()
  return {
    pkglist: text(made.pkglist),
    kojipkgs: text(made.kojipkgs),
    letters: lettersIn(kit, made.packages),
    chunks: kit.read(ChosenList, set).length,
    rpms: kit.read(ChosenList, set).flatMap(({ chunk }) => kit.read(ChosenChunk, chunk))
  }
}

describe("the listings of a repository", () => {
  it("have kojipkgs as Koji writes it, although it is put together from chunks", async () => {
    const many = Array.from({ length: 300 }, (_, at) => taggedRpm({ name: `package-${at}` }))
    const { chunks, kojipkgs: text, rpms } = await listingsOf([...fixtureRows(), ...many])
    expect(chunks).toBeGreaterThan(2)
    expect(text).toBe(
      kojipkgs(rpms.map((rpm) => ({ ...rpm, path: `${topdir}/${copyPath(rpm, rpm.sigkey)}`, subrepo: null })))
    )
  })

  it("name the key and the path of the copy that was chosen", async () => {
    const { kojipkgs: text } = await listingsOf(fixtureRows(), [fixtureKeys.b])
    const entries = JSON.parse(text)
    const hello = "hello-1.0-1.x86_64.rpm"
    expect(entries[hello]).toMatchObject({
      sigkey: fixtureKeys.b,
      best_key: fixtureKeys.b,
      _pkgpath: `${topdir}/packages/hello/1.0/1/data/signed/${fixtureKeys.b}/x86_64/${hello}`
    })
    const minish = "minish-5-2.x86_64.rpm"
    expect(entries[minish]).toMatchObject({ sigkey: null, _pkgpath: `${topdir}/packages/minish/5/2/x86_64/${minish}` })
    expect(entries[minish]).not.toHaveProperty("best_key")
  })

  it("have in pkglist the path of each package, in published order", async () => {
    const { pkglist } = await listingsOf(fixtureRows())
    expect(pkglist.split("\n").slice(0, 2)).toEqual([
      "Packages/c/clockwork-3.2-4.x86_64.rpm",
      "Packages/d/demo-release-42-1.noarch.rpm"
    ])
    expect(pkglist.endsWith("Packages/w/weather-2.0~rc1-1.x86_64.rpm\n")).toBe(true)
  })

  it("of nothing are an empty file and an empty object", async () => {
    expect(await listingsOf([])).toMatchObject({ pkglist: "", kojipkgs: "{}", letters: [] })
  })
})

describe("the packages of a repository", () => {
  it("lie in the directory of their letter, upper and lower case in one, in bytewise order", async () => {
    expect(await namesByLetter(named("R", "Rcpp", "readline", "zlib", "Zim", "7zip"))).toEqual({
      "7": ["7zip-1.0-1.x86_64.rpm"],
      r: ["R-1.0-1.x86_64.rpm", "Rcpp-1.0-1.x86_64.rpm", "readline-1.0-1.x86_64.rpm"],
      z: ["Zim-1.0-1.x86_64.rpm", "zlib-1.0-1.x86_64.rpm"]
    })
  })

  it("are put where their paths say also with names outside ASCII", async () => {
    expect(await namesByLetter(named("İstanbul", "Ünix"))).toEqual({
      "i\u0307": ["İstanbul-1.0-1.x86_64.rpm"],
      ü: ["Ünix-1.0-1.x86_64.rpm"]
    })
  })

  it("are there once each, although the letters lie in many chunks", async () => {
    const rows = Array.from({ length: 400 }, (_, at) => taggedRpm({ name: `${"aBc1"[at % 4]}${at}` }))
    const { chunks, letters } = await listingsOf(rows)
    expect(chunks).toBeGreaterThan(2)
    expect(letters.map(({ letter }) => letter)).toEqual(["1", "a", "b", "c"])
    const paths = letters.flatMap(({ files }) => files.map(({ path }) => path))
    expect(paths).toHaveLength(400)
    expect(new Set(paths).size).toBe(400)
  })

  it("are the copies that were chosen, by digest and by path below the topdir", async () => {
    const rows = fixtureRows()
    const { letters } = await listingsOf(rows, [fixtureKeys.b])
    const file = (name: string) =>
      letters.flatMap(({ files }) => files).find(({ path }) => path.endsWith(`/${name}`)) ?? null
    const row = (name: string) =>
      rows.find((rpm) => rpm.arch === "x86_64" && rpm.name === name && rpm.version !== "1.1")
    const signed = row("hello")?.signatures.find(({ sigkey }) => sigkey === fixtureKeys.b)
    expect(file("hello-1.0-1.x86_64.rpm")).toEqual({
      content: signed?.copy,
      path: `packages/hello/1.0/1/data/signed/${fixtureKeys.b}/x86_64/hello-1.0-1.x86_64.rpm`
    })
    expect(file("minish-5-2.x86_64.rpm")).toEqual({
      content: row("minish")?.primary,
      path: "packages/minish/5/2/x86_64/minish-5-2.x86_64.rpm"
    })
  })

  it("keep the directories of letters that did not change, and in others the runs that did not", async () => {
    const kit = engineKit()
    const letters = async (rows: ReadonlyArray<TaggedRpm>) => {
      const set = await fixtureSet(kit, { rows })
      const { packages } = await kit.want(Listings, { set, topdir })
      return new Map<string, Digest>(lettersIn(kit, packages).map(({ content, letter }) => [letter, content]))
    }
    const many = Array.from({ length: 300 }, (_, at) => taggedRpm({ name: `hundreds-${at}` }))
    const rows = [...fixtureRows(), ...many]
    const before = await letters(rows.filter(({ version }) => version !== "1.1"))
    kit.ran()
    const after = await letters(rows)
    expect([...after].filter(([letter, content]) => before.get(letter) !== content).map(([letter]) => letter)).toEqual([
      "h"
    ])
    expect(kit.ran().filter((node) => node.startsWith("listings-chunk"))).toHaveLength(1)
  })
})
