import { describe, expect, it } from "vitest"
import { Bytes, type InputOf } from "../../graph/index.ts"
import { Updateinfo } from "../../rules/updateinfo.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { advisoryXml, updatesXml } from "../repodata/updateinfo/updateinfo-fixtures.ts"
import { fixturePath } from "./fixture-rows.ts"
import { heldList } from "./held-list.ts"

type Kit = ReturnType<typeof engineKit>

const about = (id: string, name: string, version: string, release: string) =>
  advisoryXml({ id, collections: [[{ name, version, release }]] })
const minish = about("MINISH", "minish", "5", "2")
const gone = about("GONE", "gone", "1", "1")

const given = (kit: Kit, ...files: ReadonlyArray<string>): InputOf<typeof Updateinfo>["files"] =>
  files.map((text, at) => ({ name: `${at}.xml`, content: kit.give(Bytes, Buffer.from(text)) }))

describe("updateinfo", () => {
  it("has the advisories of all files that are about packages of the repository", async () => {
    const kit = engineKit({ path: fixturePath })
    const held = await heldList(kit, ["minish-5-2.x86_64.rpm"])
    const files = given(kit, updatesXml(minish), updatesXml(gone))
    const { content, warnings } = await kit.want(Updateinfo, { files, held })
    const text = content === null ? "" : Buffer.from(kit.read(Bytes, content)).toString()
    expect([...text.matchAll(/<id>(.*)<\/id>/g)].map(([, id]) => id)).toEqual(["MINISH"])
    expect(warnings).toEqual(["1 of 2 advisories left out, which are about no package of the repository"])
    expect(kit.ran()).toEqual(["advisories 0.xml", "advisories 1.xml", "updateinfo", "updateinfo-xml"])
  })

  it("is none where no advisory is left", async () => {
    const kit = engineKit({ path: fixturePath })
    const held = await heldList(kit, ["minish-5-2.x86_64.rpm"])
    expect((await kit.want(Updateinfo, { files: given(kit, updatesXml(gone)), held })).content).toBeNull()
  })

  it("reads a file once, whatever the repository holds", async () => {
    const kit = engineKit({ path: fixturePath })
    const files = given(kit, updatesXml(minish))
    await kit.want(Updateinfo, { files, held: await heldList(kit, ["minish-5-2.x86_64.rpm"]) })
    const other = await heldList(kit, ["libgreet-2.0-3.x86_64.rpm"])
    kit.ran()
    await kit.want(Updateinfo, { files, held: other })
    expect(kit.ran()).toEqual(["updateinfo", "updateinfo-xml"])
  })
})
