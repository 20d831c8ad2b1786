import { describe, expect, it } from "vitest"
import { Bytes, type InputOf } from "../../graph/index.ts"
import { AdditionalFiles } from "../../rules/additional-files.ts"
import { SetMetadata } from "../../rules/set-metadata.ts"
import { UnusableMetadata } from "../../rules/unusable-metadata.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { streamYaml } from "../repodata/modules/module-fixtures.ts"
import { advisoryXml, updatesXml } from "../repodata/updateinfo/updateinfo-fixtures.ts"
import { fixturePath, fixtureRows, fixtureSet } from "./fixture-rows.ts"

type Kit = ReturnType<typeof engineKit>
const rows = fixtureRows()
const [one, two] = rows
  .filter(({ arch }) => arch === "noarch")
  .map(({ arch, epoch, name, release, version }) => ({
    name,
    nevra: `${name}-${epoch ?? 0}:${version}-${release}.${arch}`
  }))

const given = (kit: Kit, name: string, text: string) => ({ name, content: kit.give(Bytes, Buffer.from(text)) })

/** The rows of the fixtures, or of some of them. */
const rowsOf = async (kit: Kit, of = rows) => {
  const set = await fixtureSet(kit, { rows: of })
  const { rows: list } = await kit.want(SetMetadata, { set, rows: true, changelogLimit: 10, compression: "gz" })
  if (list === undefined) throw new Error("no rows were told")
  return list
}

const made = async (kit: Kit, input: Omit<InputOf<typeof AdditionalFiles>, "compression">) => {
  const { files, warnings } = await kit.want(AdditionalFiles, { compression: "gz", ...input })
  return {
    warnings,
    files: files.map(({ content, ...file }) => ({ ...file, text: Buffer.from(kit.read(Bytes, content)).toString() }))
  }
}

const modules = streamYaml({ rpms: [one?.nevra ?? "", "gone-0:1-1.noarch"] })
const comps = `<comps><group><id>g</id><packagelist><packagereq>${one?.name}</packagereq><packagereq>gone</packagereq><packagereq arch="s390x">${two?.name}</packagereq></packagelist></group></comps>`

describe("the files that a repository is given", () => {
  it("are taken as they are, where nothing limits them", async () => {
    const kit = engineKit()
    const content = kit.give(Bytes, Buffer.from("a certificate"))
    const additional = [
      { type: "productid", name: "productid", content, compression: null },
      { type: "group", name: "comps.xml", content: kit.give(Bytes, Buffer.from(comps)), compression: null }
    ]
    expect(await made(kit, { additional, modules: [given(kit, "modules.yaml", modules)] })).toMatchObject({
      warnings: [],
      files: [
        { type: "productid", name: "productid", compression: null, text: "a certificate" },
        { type: "group", text: comps },
        { type: "modules", name: "modules.yaml", compression: "gz" }
      ]
    })
    expect(kit.ran()).toEqual(["additional-files", "module-documents modules.yaml", "modules", "modules-yaml"])
  })

  it("are limited to its arches and packages", async () => {
    const kit = engineKit({ path: fixturePath })
    const content = kit.give(Bytes, Buffer.from(comps))
    const { files, warnings } = await made(kit, {
      rows: await rowsOf(kit),
      rpmArches: ["x86_64", "noarch"],
      filterComps: "packages",
      additional: [
        { type: "group", name: "comps.xml", content, compression: null },
        { type: "group_gz", name: "comps.xml", content, compression: "gz" }
      ],
      modules: [given(kit, "a.yaml", modules), given(kit, "b.yaml", streamYaml({ arch: "s390x" }))],
      updateinfo: [given(kit, "updateinfo.xml", updatesXml(advisoryXml({ collections: [[{ name: "gone" }]] })))]
    })
    expect(files.map(({ compression, name, type }) => [type, name, compression])).toEqual([
      ["group", "comps.xml", null],
      ["group_gz", "comps.xml", "gz"],
      ["modules", "modules.yaml", "gz"]
    ])
    const [group, groupGz, modulesYaml] = files.map(({ text }) => text)
    expect([...(group ?? "").matchAll(/<packagereq>(.*)</g)].map(([, name]) => name)).toEqual([one?.name])
    expect(groupGz).toBe(group)
    expect(modulesYaml).toContain(`    rpms:\n    - ${one?.nevra}\n...`)
    expect(warnings).toEqual([
      "packages that the repository does not hold are left out of comps groups: gone",
      "the module stream a:1 (version 1, context c, x86_64) lists a package that the repository does not hold: left out of it",
      "1 of 1 advisories left out, which are about no package of the repository"
    ])
  })

  it("are limited anew only where the repository holds other packages", async () => {
    const kit = engineKit({ path: fixturePath })
    const input = { modules: [given(kit, "a.yaml", modules)], rpmArches: ["x86_64"], compression: "gz" as const }
    await kit.want(AdditionalFiles, { ...input, rows: await rowsOf(kit) })
    const rebuilt = rows.map((row) => ({ ...row, buildtime: row.buildtime + 1 }))
    const later = await rowsOf(kit, rebuilt)
    kit.ran()
    await kit.want(AdditionalFiles, { ...input, rows: later })
    expect([...new Set(kit.ran().map((node) => node.split(" ")[0]))]).toEqual([
      "additional-files",
      "held-packages",
      "held-packages-chunk"
    ])
    await kit.want(AdditionalFiles, { ...input, rows: await rowsOf(kit, rows.slice(0, 5)) })
    expect(kit.ran()).toContain("modules-yaml")
    expect(kit.ran()).not.toContain("module-documents a.yaml")
  })

  it("that cannot be used are named, with all that is wrong with them", async () => {
    const kit = engineKit()
    const input = { compression: "gz" as const, modules: [given(kit, "bad.yaml", "a: b\n---\nc: d\n")] }
    const { failures } = await kit.failure(AdditionalFiles, input)
    expect(failures.map(({ error }) => error)).toEqual([
      new UnusableMetadata({
        files: ["bad.yaml"],
        reason: "document 1 (line 1): document is missing\ndocument 2 (line 2): document is missing"
      })
    ])
    expect(failures[0]?.error.message).toBe(
      "bad.yaml cannot be used:\ndocument 1 (line 1): document is missing\ndocument 2 (line 2): document is missing"
    )
    const twice = streamYaml({ summary: "one" }) + streamYaml({ summary: "two" })
    const conflict = await kit.failure(AdditionalFiles, { ...input, modules: [given(kit, "twice.yaml", twice)] })
    expect(conflict.failures[0]?.error.message).toBe(
      "twice.yaml cannot be used: the module stream a:1 (version 1, context c, x86_64) has different contents"
    )
  })
})
