import { describe, expect, it } from "vitest"
import { Bytes, type InputOf } from "../../graph/index.ts"
import { Comps } from "../../rules/comps.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixturePath } from "./fixture-rows.ts"
import { heldList } from "./held-list.ts"

type Kit = ReturnType<typeof engineKit>

const groups =
  '<comps><group><id>g</id><packagelist><packagereq>minish</packagereq><packagereq arch="s390x">weather</packagereq>' +
  "<packagereq>gone</packagereq></packagelist></group></comps>"

const limited = async (kit: Kit, over: Partial<InputOf<typeof Comps>>) => {
  const content = kit.give(Bytes, Buffer.from(groups))
  const { content: made, warnings } = await kit.want(Comps, { content, arches: [], ...over })
  const text = Buffer.from(kit.read(Bytes, made)).toString()
  return { warnings, names: [...text.matchAll(/<packagereq[^>]*>(.*)</g)].map(([, name]) => name) }
}

describe("comps", () => {
  it("has what is for the repository's arches, whatever packages there are", async () => {
    const kit = engineKit()
    expect(await limited(kit, { arches: ["x86_64", "noarch"] })).toEqual({ names: ["minish", "gone"], warnings: [] })
    expect((await limited(kit, { arches: ["s390x"] })).names).toEqual(["minish", "weather", "gone"])
  })

  it("has only what the repository holds, where that is told, and warns of the rest", async () => {
    const kit = engineKit({ path: fixturePath })
    const held = await heldList(kit, ["minish-5-2.x86_64.rpm"])
    expect(await limited(kit, { arches: ["x86_64"], held })).toEqual({
      names: ["minish"],
      warnings: ["packages that the repository does not hold are left out of comps groups: gone"]
    })
    expect(kit.ran()).toEqual(["comps"])
    await limited(kit, { arches: ["x86_64"], held })
    expect(kit.ran()).toEqual([])
  })

  it("that is none fails, and says where", async () => {
    const kit = engineKit()
    const { failures } = await kit.failure(Comps, {
      content: kit.give(Bytes, Buffer.from("<comps><group>")),
      arches: []
    })
    expect(failures[0]?.error).toMatchObject({ _tag: "UnusableMetadata", files: ["comps"] })
    expect(failures[0]?.error.message).toMatch(/^comps cannot be used: /)
  })
})
