import { describe, expect, it } from "vitest"
import { Bytes, type InputOf } from "../../graph/index.ts"
import { MetadataRows } from "../../rules/compress-group.ts"
import { InternalSet } from "../../rules/internal-set.ts"
import { MergedMetadata } from "../../rules/merged-metadata.ts"
import { RowsList } from "../../rules/rows-list.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { externalDocuments } from "./external-documents.ts"
import { fixturePath, fixtureRows } from "./fixture-rows.ts"
import { snapshotOf } from "./rows.ts"

type Kit = ReturnType<typeof engineKit>

const inputOf = async (
  kit: Kit,
  repos: ReadonlyArray<ReadonlyArray<string>>,
  { blocked = "", mode = "koji" as "koji" | "simple" | "bare" } = {}
): Promise<InputOf<typeof MergedMetadata>> => ({
  set: (await kit.want(InternalSet, { snapshot: snapshotOf(kit, fixtureRows()), arch: "x86_64" })).set,
  merge: {
    arch: "x86_64",
    mode,
    blocklist: kit.give(Bytes, Buffer.from(blocked)),
    origin: "file:///mnt/koji/",
    repos: repos.map((names, index) => {
      const { filelists, other, primary } = externalDocuments(names)
      return {
        url: `http://example.org/${index}`,
        primary: kit.give(Bytes, primary),
        filelists: kit.give(Bytes, filelists),
        other: kit.give(Bytes, other)
      }
    })
  },
  changelogLimit: 10,
  compression: "gz"
})

/** The packages of the merged repository that come from elsewhere, by URL. */
const foreign = async (kit: Kit, input: InputOf<typeof MergedMetadata>) => {
  const { packages, rows } = await kit.want(MergedMetadata, input)
  const all = rows === undefined ? [] : kit.read(RowsList, rows).flatMap((ref) => kit.read(MetadataRows, ref.rows))
  expect(packages).toBe(all.length)
  return all.flatMap(({ base, href }) => (base === undefined ? [] : [`${base}/${href}`]))
}

describe("an internal repo's packages merged with those of external repos", () => {
  it("are, built from one source package, of the first repository that has it", async () => {
    const kit = engineKit({ path: fixturePath })
    // the repo itself has hello
    const input = await inputOf(kit, [
      ["hello", "zoo"],
      ["zoo", "ant"]
    ])
    expect(await foreign(kit, input)).toEqual(["http://example.org/1/ant.rpm", "http://example.org/0/zoo.rpm"])
  })

  it("are none of a blocked source package", async () => {
    const kit = engineKit({ path: fixturePath })
    expect(await foreign(kit, await inputOf(kit, [["zoo", "ant"]], { blocked: "zoo\n" }))).toEqual([
      "http://example.org/0/ant.rpm"
    ])
  })

  it("have their origins: each N-V-R.A with the URL of its repository", async () => {
    const kit = engineKit({ path: fixturePath })
    const { origins } = await kit.want(MergedMetadata, await inputOf(kit, [["zoo"]]))
    const lines = Buffer.from(kit.read(Bytes, origins)).toString().split("\n")
    expect(lines).toContain("zoo-1-1.x86_64\thttp://example.org/0/")
    expect(lines).toContain("minish-5-2.x86_64\tfile:///mnt/koji/")
  })

  it("are merged anew, but neither read nor compressed again, where only the mode is another", async () => {
    const kit = engineKit({ path: fixturePath })
    await kit.want(MergedMetadata, await inputOf(kit, [["zoo"]]))
    kit.ran()
    await kit.want(MergedMetadata, await inputOf(kit, [["zoo"]], { mode: "simple" }))
    const ran = kit.ran()
    expect(ran).toEqual(expect.arrayContaining(["merge-list x86_64", "merged-metadata x86_64"]))
    expect(ran.filter((node) => /^(package-metadata|external-packages|local-rows)/.test(node))).toEqual([])
  })

  it("are read again only of the external repo that changed", async () => {
    const kit = engineKit({ path: fixturePath })
    await kit.want(MergedMetadata, await inputOf(kit, [["zoo"], ["ant"]]))
    kit.ran()
    await kit.want(MergedMetadata, await inputOf(kit, [["zoo"], ["bee"]]))
    expect(kit.ran().filter((node) => /^(package-metadata|external-packages|local-rows)/.test(node))).toEqual([
      "external-packages http://example.org/1"
    ])
  })
})
