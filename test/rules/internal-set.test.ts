import { describe, expect, it } from "vitest"
import { type InternalContent, InternalSet } from "../../rules/internal-set.ts"
import { ChosenChunk, type TaggedRpm } from "../../rules/rpm-row.ts"
import { ChosenList } from "../../rules/signed-lookup.ts"
import { fileName } from "../../src/rpm/nevra.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixtureRows } from "./fixture-rows.ts"
import { snapshotOf, taggedRpm } from "./rows.ts"

type Kit = ReturnType<typeof engineKit>
type Content = { readonly [Option in keyof typeof InternalContent]?: true }

const rows = fixtureRows()

const setOf = async (kit: Kit, arch: string, content: Content = {}, of: ReadonlyArray<TaggedRpm> = rows) => {
  const { rpms, set } = await kit.want(InternalSet, { snapshot: snapshotOf(kit, of), arch, ...content })
  const listed = kit.read(ChosenList, set).flatMap(({ chunk }) => kit.read(ChosenChunk, chunk))
  expect(rpms).toBe(listed.length)
  return listed
}

const filesOf = (of: ReadonlyArray<TaggedRpm>) => of.map(fileName).toSorted()

describe("the rpms of one arch of an internal repo", () => {
  it("are the binary ones of the arch and noarch, without debug information", async () => {
    const wanted = rows.filter(({ arch, name }) => ["x86_64", "noarch"].includes(arch) && !name.includes("debuginfo"))
    expect((await setOf(engineKit(), "x86_64")).map(fileName).toSorted()).toEqual(filesOf(wanted))
  })

  it("are also those of debug information and the source packages, where asked", async () => {
    const wanted = rows.filter(({ arch }) => ["x86_64", "noarch", "src"].includes(arch))
    const listed = await setOf(engineKit(), "x86_64", { src: true, debuginfo: true })
    expect(listed.map(fileName).toSorted()).toEqual(filesOf(wanted))
  })

  it("are in src the source packages, each once, whether every arch has them or not", async () => {
    const wanted = filesOf(rows.filter(({ arch }) => arch === "src"))
    for (const content of [{}, { src: true }] satisfies ReadonlyArray<Content>) {
      expect((await setOf(engineKit(), "src", content)).map(fileName).toSorted()).toEqual(wanted)
    }
  })

  it("are of the canonical arch: a repo of i386 has what was built for i686", async () => {
    const built = ["i386", "i686", "x86_64"].map((arch) => taggedRpm({ name: "a", arch }))
    expect((await setOf(engineKit(), "i386", {}, built)).map(({ arch }) => arch)).toEqual(["i386", "i686"])
  })

  it("are the primary copies, signed or not", async () => {
    const signed = [taggedRpm({ name: "a", keys: { aaaa0001: "written" } })]
    expect(await setOf(engineKit(), "x86_64", {}, signed)).toMatchObject([{ file: signed[0]?.primary, sigkey: null }])
  })

  it("are taken anew from the chunk that changed only", async () => {
    const kit = engineKit()
    await setOf(
      kit,
      "x86_64",
      {},
      rows.filter(({ version }) => version !== "1.1")
    )
    kit.ran()
    await setOf(kit, "x86_64")
    expect(kit.ran()).toEqual(["internal-set x86_64", "internal-set-chunk clockwork"])
  })
})
