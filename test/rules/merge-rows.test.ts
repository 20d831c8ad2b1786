import { expect, it } from "vitest"
import { MetadataRows } from "../../rules/compress-group.ts"
import { LocalRows, MergeRows } from "../../rules/merge-rows.ts"
import { runTool } from "../kit/clients.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixture } from "../kit/fixtures.ts"
import { describeWithTools } from "../kit/oracle.ts"
import { fixturePath } from "./fixture-rows.ts"
import { metadataRows } from "./metadata-rows.ts"

const files = ["demo-release-42-1.noarch.rpm", "hello-1.0-1.src.rpm", "libgreet-devel-2.0-3.x86_64.rpm"]

describeWithTools("rpm")("what decides over a repo's own packages in a merge", () => {
  it("is what rpm says of them, beside their rows as they are", async () => {
    const kit = engineKit({ path: fixturePath })
    const rows = await metadataRows(kit, files)
    const merged = kit.read(MergeRows, await kit.want(LocalRows, { rows, first: "demo-release" }))
    const arch = "%|SOURCERPM?{%{ARCH}}:{src}|"
    const format = `%{NAME} %|EPOCH?{%{EPOCH}}:{0}| %{VERSION} %{RELEASE} ${arch} %|SOURCERPM?{%{SOURCERPM}}:{}|\\n`
    const asked = ["-qp", "--nosignature", "--qf", format, ...files.map((file) => fixture("unsigned", file))]
    const { stdout } = await runTool("rpm", asked)
    expect(
      merged.map((row) => [row.name, row.epoch, row.version, row.release, row.arch, row.sourceRpm].join(" "))
    ).toEqual(stdout.split("\n").slice(0, -1))
    expect(merged.map(({ fragments, href, timeFile }) => ({ fragments, href, timeFile }))).toEqual(
      kit.read(MetadataRows, rows)
    )
    expect(kit.ran().filter((node) => node.startsWith("local"))).toEqual(["local-rows demo-release"])
  })
})
