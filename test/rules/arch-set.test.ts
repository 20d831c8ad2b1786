import { describe, expect, it } from "vitest"
import { ArchSet } from "../../rules/arch-set.ts"
import { ChosenChunk, type TaggedRpm } from "../../rules/rpm-row.ts"
import { ChosenList, SignedLookup } from "../../rules/signed-lookup.ts"
import { nvra } from "../../src/rpm/nevra.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { snapshotOf, taggedRpm } from "./rows.ts"

const allArches = ["x86_64", "amd64", "i686", "noarch", "src"]

/** The chosen rpms of a tag that holds these. */
const chosenIn = async (kit: ReturnType<typeof engineKit>, rpms: ReadonlyArray<TaggedRpm>) =>
  (
    await kit.want(SignedLookup, {
      snapshot: snapshotOf(kit, rpms),
      keys: [],
      missingSignatures: "allow",
      rpmArches: allArches
    })
  ).chosen

const rpms = (["x86_64", "i686", "noarch", "src"] as const).map((arch) => taggedRpm({ name: `for-${arch}`, arch }))

const setOf = async (rpmArches: ReadonlyArray<string>) => {
  const kit = engineKit()
  const { rpms: count, set } = await kit.want(ArchSet, { chosen: await chosenIn(kit, rpms), arch: "any", rpmArches })
  const list = kit.read(ChosenList, set)
  return { count, list, names: list.flatMap(({ chunk }) => kit.read(ChosenChunk, chunk)).map(nvra) }
}

describe("an arch set", () => {
  it("has the rpms of the arches that belong to the repository, noarch among them", async () => {
    expect(await setOf(["amd64", "ia32e", "x86_64", "noarch"])).toMatchObject({
      count: 2,
      names: ["for-noarch-1.0-1.noarch", "for-x86_64-1.0-1.x86_64"]
    })
    expect((await setOf(["athlon", "i686", "i386", "noarch"])).names).toEqual([
      "for-i686-1.0-1.i686",
      "for-noarch-1.0-1.noarch"
    ])
    expect((await setOf(["src"])).names).toEqual(["for-src-1.0-1.src"])
  })

  it("of an arch that nothing is for is empty", async () => {
    expect(await setOf(["s390x"])).toEqual({ count: 0, list: [], names: [] })
  })

  it("counts the rpms and letters of what is left of each chunk", async () => {
    const { list } = await setOf(["src"])
    expect(list).toMatchObject([{ rpms: 1, letters: ["f"] }])
  })

  it("is made anew only of chunks that changed", async () => {
    const kit = engineKit()
    const many = Array.from({ length: 300 }, (_, at) => taggedRpm({ name: `package-${at}` }))
    const input = async (all: ReadonlyArray<TaggedRpm>) => ({
      chosen: await chosenIn(kit, all),
      arch: "x86_64",
      rpmArches: ["x86_64"]
    })
    await kit.want(ArchSet, await input(many))
    kit.ran()
    await kit.want(ArchSet, await input([...many, taggedRpm({ name: "package-99x" })]))
    expect(kit.ran().filter((node) => node.startsWith("arch-set"))).toHaveLength(2)
  })

  it("is the same where only another arch's rpms changed, so nothing behind it runs", async () => {
    const kit = engineKit()
    const input = async (version: string) => ({
      chosen: await chosenIn(kit, [...rpms, taggedRpm({ name: "other", arch: "i686", version })]),
      arch: "x86_64",
      rpmArches: ["x86_64", "noarch"]
    })
    expect(await kit.want(ArchSet, await input("1"))).toEqual(await kit.want(ArchSet, await input("2")))
  })
})
