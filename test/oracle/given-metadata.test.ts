import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { noMetadata } from "../../src/export/given-metadata.ts"
import { dnfIn } from "../kit/clients.ts"
import { type ExportRig, exportRig } from "../kit/export-rig.ts"
import { describeWithTools } from "../kit/oracle.ts"
import { defaultsYaml, streamYaml } from "../repodata/modules/module-fixtures.ts"
import { advisoryXml, updatesXml } from "../repodata/updateinfo/updateinfo-fixtures.ts"

describeWithTools("dnf", "rpm")("dnf, of a repository that was given more metadata", () => {
  let rig: ExportRig
  let path: string
  beforeAll(async () => {
    rig = await exportRig()
    const file = (name: string, text: string): string => {
      writeFileSync(join(rig.folder, name), text)
      return join(rig.folder, name)
    }
    const held = (name: string, nevra: string) => streamYaml({ name, rpms: [nevra, "gone-0:1-1.x86_64"] })
    const modules = [
      held("greeting", "hello-0:1.0-1.x86_64") + defaultsYaml({ module: "greeting", profiles: "{'1': [all]}" }),
      held("absent", "nothing-0:1-1.x86_64"),
      streamYaml({ name: "foreign", arch: "s390x", rpms: ["hello-0:1.0-1.x86_64"] })
    ]
    const release = { name: "demo-release", version: "42", arch: "noarch" }
    const updates = updatesXml(
      advisoryXml({ id: "OURS-1", collections: [[release, { name: "gone" }]] }),
      advisoryXml({ id: "ABSENT-1", collections: [[{ name: "gone" }]] })
    )
    const groups = ["hello", "gone"].map(
      (name) =>
        `<group><id>g-${name}</id><name>Group of ${name}</name><uservisible>true</uservisible><packagelist><packagereq type="mandatory">${name}</packagereq></packagelist></group>`
    )
    const { repo } = await rig.publish({
      comps: file("comps.xml", `<comps>${groups.join("")}</comps>`),
      filterComps: "packages",
      given: {
        ...noMetadata,
        modules: modules.map((text, index) => file(`${index}.yaml`, text)),
        updateinfo: [file("updateinfo.xml", updates)]
      }
    })
    path = join(repo.path, "x86_64")
  })
  afterAll(() => rig.close())

  const asked = async (...args: ReadonlyArray<string>): Promise<string> => {
    const folder = join(rig.folder, "dnf")
    mkdirSync(folder, { recursive: true })
    return (await dnfIn(folder).run({ path, arch: "x86_64", platform: "platform:el9" }, args)).stdout
  }

  it("lists the modules that it holds packages of, with their default stream", async () => {
    const listed = await asked("module", "list")
    expect(listed).toMatch(/^greeting +1 \[d\]/m)
    expect(listed).not.toMatch(/absent|foreign/)
    expect(await asked("module", "info", "greeting")).toMatch(/^Artifacts +: hello-0:1\.0-1\.x86_64$/m)
  })

  // it tells advisories only of what is installed, which needs root
  it.skipIf(process.getuid?.() !== 0)("lists the advisories about its packages", async () => {
    await asked("install", "demo-release")
    const listed = await asked("updateinfo", "list", "--installed")
    expect(listed).toMatch(/^OURS-1 +Important\/Sec\. +demo-release-42-1\.noarch$/m)
    expect(listed).not.toMatch(/ABSENT-1|gone/)
    const cves = await asked("updateinfo", "list", "--installed", "--with-cve")
    expect(cves).toMatch(/^ *CVE-1 +Important\/Sec\. +demo-release-42-1\.noarch$/m)
  })

  it("lists the groups that have packages in it", async () => {
    const listed = await asked("group", "list", "--ids")
    expect(listed).toContain("Group of hello (g-hello)")
    expect(listed).not.toContain("g-gone")
  })
})
