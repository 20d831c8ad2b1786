import { describe, expect, it } from "vitest"
import { Bytes, type DigestOf } from "../../graph/index.ts"
import { Listings } from "../../rules/listings.ts"
import { Rope } from "../../rules/rope.ts"
import { ChosenChunk, copyPath, type TaggedRpm } from "../../rules/rpm-row.ts"
import { ChosenList } from "../../rules/signed-lookup.ts"
import { kojipkgs } from "../../src/koji/kojipkgs.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixtureKeys } from "../kit/fixtures.ts"
import { fixtureRows, fixtureSet } from "./fixture-rows.ts"
import { taggedRpm } from "./rows.ts"

const topdir = "/mnt/koji"

const listingsOf = async (rows: ReadonlyArray<TaggedRpm>, keys?: ReadonlyArray<string>) => {
  const kit = engineKit()
  const set = await fixtureSet(kit, { rows, ...(keys === undefined ? {} : { keys }) })
  const made = await kit.want(Listings, { set, topdir })
  const text = (rope: DigestOf<ReadonlyArray<DigestOf<Uint8Array>>>) =>
    Buffer.concat(kit.read(Rope, rope).map((part) => kit.read(Bytes, part))).toString()
  return {
    pkglist: text(made.pkglist),
    kojipkgs: text(made.kojipkgs),
    chunks: kit.read(ChosenList, set).length,
    rpms: kit.read(ChosenList, set).flatMap(({ chunk }) => kit.read(ChosenChunk, chunk))
  }
}

describe("the listings of a repository", () => {
  it("have kojipkgs as Koji writes it, although it is put together from chunks", async () => {
    const many = Array.from({ length: 300 }, (_, at) => taggedRpm({ name: `package-${at}` }))
    const { chunks, kojipkgs: text, rpms } = await listingsOf([...fixtureRows(), ...many])
    expect(chunks).toBeGreaterThan(2)
    expect(text).toBe(kojipkgs(rpms.map((rpm) => ({ ...rpm, path: `${topdir}/${copyPath(rpm, rpm.sigkey)}` }))))
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
    expect(await listingsOf([])).toMatchObject({ pkglist: "", kojipkgs: "{}" })
  })
})
