import { mkdirSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { dnfIn } from "../kit/clients.ts"
import { type ExportRig, exportRig } from "../kit/export-rig.ts"
import { describeWithDnfPlugin } from "../kit/oracle.ts"

/** dnf's reposync writes each package below the folder that it is given, by its href, and refuses what would lie outside. */
describeWithDnfPlugin("reposync")("the repository of debug information", () => {
  let rig: ExportRig
  beforeAll(async () => {
    rig = await exportRig()
  })
  afterAll(() => rig.close())

  const synced = async (layout: "own" | "koji", exit?: number) => {
    const { repo } = await rig.publish({ splitDebuginfo: layout })
    const folder = join(rig.folder, `dnf-${layout}`)
    const into = join(folder, "synced")
    mkdirSync(into, { recursive: true })
    const repository = { path: join(repo.path, "x86_64/debug"), arch: "x86_64", platform: "platform:f42" }
    const { stderr } = await dnfIn(folder).reposync(repository, into, exit)
    const files = readdirSync(into, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".rpm"))
    return { stderr, files }
  }

  it("is copied by dnf reposync", async () => {
    expect(await synced("own")).toEqual({ stderr: "", files: ["Packages/l/libgreet-debuginfo-2.0-3.x86_64.rpm"] })
  })

  it("is not in Koji's layout", async () => {
    const { files, stderr } = await synced("koji", 1)
    expect(stderr).toMatch(/Download target '.*libgreet-debuginfo-2.0-3.x86_64.rpm' is outside of download path/)
    expect(files).toEqual([])
  })
})
