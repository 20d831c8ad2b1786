import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, beforeAll, expect, it } from "vitest"
import { runTool } from "../kit/clients.ts"
import { type ExportRig, exportRig } from "../kit/export-rig.ts"
import { describeWithTools } from "../kit/oracle.ts"

const spec = (name: string, limit: string) => `
Name: ${name}
Version: 1
Release: 1
Summary: A package whose documentation is for few arches
License: MIT
BuildArch: noarch
${limit}
%description
Nothing.
%files
`

const limits = {
  everywhere: "",
  exclusive: "ExclusiveArch: x86_64 aarch64 noarch",
  excluded: "ExcludeArch: aarch64"
} as const

describeWithTools("rpmbuild")("noarch packages of sources that rpmbuild was told the arches of", () => {
  let folder = ""
  let rig: ExportRig
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "distgraph-noarch-"))
    for (const [name, limit] of Object.entries(limits)) {
      writeFileSync(join(folder, `${name}.spec`), spec(name, limit))
      await runTool("rpmbuild", [
        "--define",
        `_topdir ${folder}`,
        "-ba",
        "--target",
        "noarch",
        join(folder, `${name}.spec`)
      ])
    }
    rig = await exportRig()
    await rig.hub((hub) =>
      Effect.gen(function* () {
        yield* hub.importRpms(globSync(join(folder, "{RPMS,SRPMS}/**/*.rpm")))
        yield* hub.addTag("limited", { arches: "x86_64 aarch64 s390x" })
        yield* hub.addPackages("limited", Object.keys(limits))
        yield* hub.tagBuild(
          "limited",
          Object.keys(limits).map((name) => `${name}-1-1`)
        )
      })
    )
  })
  afterAll(() => {
    rig.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const exported = async (limitNoarch: boolean) => {
    const { repo } = await rig.publish({ tag: "limited", keys: [], missingSignatures: "allow", limitNoarch })
    return Object.fromEntries(
      readdirSync(repo.path)
        .filter((name) => name !== "repo.json")
        .map((arch) => [arch, readFileSync(join(repo.path, arch, "pkglist"), "utf8").match(/[a-z]+(?=-1-1)/g)])
    )
  }

  it("are in those arches only, where that is asked for", async () => {
    const all = ["everywhere", "excluded", "exclusive"]
    expect(await exported(false)).toEqual({ aarch64: all, s390x: all, x86_64: all })
    expect(await exported(true)).toEqual({
      aarch64: ["everywhere", "exclusive"],
      s390x: ["everywhere", "excluded"],
      x86_64: all
    })
  })
})
