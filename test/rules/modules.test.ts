import { describe, expect, it } from "vitest"
import { Bytes, type InputOf } from "../../graph/index.ts"
import { Modules } from "../../rules/modules.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { defaultsYaml, streamYaml } from "../repodata/modules/module-fixtures.ts"
import { fixturePath } from "./fixture-rows.ts"
import { heldList } from "./held-list.ts"

type Kit = ReturnType<typeof engineKit>

const given = (kit: Kit, ...files: ReadonlyArray<string>): InputOf<typeof Modules>["files"] =>
  files.map((text, at) => ({ name: `${at}.yaml`, content: kit.give(Bytes, Buffer.from(text)) }))

const made = async (kit: Kit, input: InputOf<typeof Modules>) => {
  const { content, warnings } = await kit.want(Modules, input)
  return { warnings, text: content === null ? null : Buffer.from(kit.read(Bytes, content)).toString() }
}

const documentsIn = (text: string | null) => [...(text ?? "").matchAll(/^document: (\S+)/gm)].map(([, kind]) => kind)

describe("modules", () => {
  it("are those of all files, where nothing limits them", async () => {
    const kit = engineKit()
    const { text, warnings } = await made(kit, { files: given(kit, streamYaml({}), streamYaml({ arch: "s390x" })) })
    expect(documentsIn(text)).toEqual(["modulemd", "modulemd"])
    expect(warnings).toEqual([])
    expect(kit.ran()).toEqual(["module-documents 0.yaml", "module-documents 1.yaml", "modules", "modules-yaml"])
  })

  it("are limited to the repository's arches, and list what it holds", async () => {
    const kit = engineKit({ path: fixturePath })
    const held = await heldList(kit, ["minish-5-2.x86_64.rpm"])
    const stream = streamYaml({ rpms: ["minish-0:5-2.x86_64", "gone-0:1-1.x86_64"] }) + defaultsYaml({})
    const files = given(kit, stream, streamYaml({ arch: "s390x", name: "b" }))
    const { text, warnings } = await made(kit, { files, repository: { arches: ["x86_64", "noarch"], held } })
    expect(documentsIn(text)).toEqual(["modulemd-defaults", "modulemd"])
    expect(text).toContain("minish-0:5-2.x86_64")
    expect(text).not.toContain("gone")
    expect(warnings).toEqual([expect.stringContaining("lists a package that the repository does not hold")])
  })

  it("are none where nothing is left", async () => {
    const kit = engineKit({ path: fixturePath })
    const held = await heldList(kit, ["minish-5-2.x86_64.rpm"])
    const files = given(kit, streamYaml({ arch: "s390x" }))
    expect((await made(kit, { files, repository: { arches: ["x86_64"], held } })).text).toBeNull()
  })

  it("take the first of several files that contradict each other, and say so", async () => {
    const kit = engineKit()
    const files = given(kit, streamYaml({ summary: "one" }), streamYaml({ summary: "two" }))
    const { text, warnings } = await made(kit, { files })
    expect(text).toContain("summary: one")
    expect(text).not.toContain("summary: two")
    expect(warnings).toEqual([
      "the module stream a:1 (version 1, context c, x86_64) has different contents in several files: the first file has it"
    ])
  })

  it("fail where one file contradicts itself", async () => {
    const kit = engineKit()
    const files = given(kit, streamYaml({ summary: "one" }) + streamYaml({ summary: "two" }))
    const { failures } = await kit.failure(Modules, { files })
    expect(failures[0]?.error.message).toBe(
      "0.yaml cannot be used: the module stream a:1 (version 1, context c, x86_64) has different contents"
    )
  })
})
