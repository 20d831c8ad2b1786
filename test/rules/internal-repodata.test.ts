import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { digestOf } from "../../graph/index.ts"
import { InternalRepodata } from "../../rules/internal-repodata.ts"
import { InternalSet } from "../../rules/internal-set.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixturePath, fixtureRows } from "./fixture-rows.ts"
import { namesIn, textOf } from "./read-directory.ts"
import { snapshotOf } from "./rows.ts"

type Kit = ReturnType<typeof engineKit>

const noPackagePath = import.meta.filename
const noPackage = digestOf(readFileSync(noPackagePath))

const inputOf = async (kit: Kit, rows = fixtureRows()) => ({
  set: (await kit.want(InternalSet, { snapshot: snapshotOf(kit, rows), arch: "x86_64" })).set,
  stamp: { event: 7, time: 1_700_000_000 },
  compression: "gz" as const,
  changelogLimit: 10,
  openChecksum: true
})

describe("the metadata of one arch of an internal repo", () => {
  it("is the usual files, whose packages are reached through the link", async () => {
    const kit = engineKit({ path: fixturePath })
    const { repodata } = await kit.want(InternalRepodata, await inputOf(kit))
    expect(namesIn(kit, repodata).toSorted()).toEqual([
      "filelists.xml.gz",
      "other.xml.gz",
      "primary.xml.gz",
      "repomd.xml"
    ])
    const hrefs = [...textOf(kit, repodata, "primary.xml.gz").matchAll(/<location href="([^"]*)"/g)]
    expect(hrefs).toHaveLength(11)
    expect(hrefs.filter(([, href]) => !href?.startsWith("toplink/packages/"))).toEqual([])
  })

  it("is made anew only in repomd.xml where only the date is another", async () => {
    const kit = engineKit({ path: fixturePath })
    const input = await inputOf(kit)
    await kit.want(InternalRepodata, input)
    kit.ran()
    await kit.want(InternalRepodata, { ...input, stamp: { event: 8, time: 1_800_000_000 } })
    expect(kit.ran()).toEqual(["internal-repodata", "repomd"])
  })

  it("fails with all packages that cannot be listed, before any file is made", async () => {
    const kit = engineKit({ path: (digest) => (digest === noPackage ? noPackagePath : fixturePath(digest)) })
    const bad = fixtureRows().map((rpm) => (/^(minish|weather)$/.test(rpm.name) ? { ...rpm, primary: noPackage } : rpm))
    const failure = await kit.failure(InternalRepodata, await inputOf(kit, bad))
    expect(failure.failures.map(({ error }) => error.message)).toEqual([
      ["minish-5-2", "weather-2.0~rc1-1"]
        .map(
          (nvr) =>
            `${nvr}.x86_64 cannot be listed: the file does not start as a package does; untag its build or import it anew`
        )
        .join("\n")
    ])
    expect(kit.ran().filter((node) => node.startsWith("metadata-file"))).toEqual([])
  })
})
