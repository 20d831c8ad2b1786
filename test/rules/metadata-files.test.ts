import { describe, expect, it } from "vitest"
import { Bytes, hashOf, type InputOf, sizeOf } from "../../graph/index.ts"
import { MetadataFiles, rowsFor } from "../../rules/metadata-files.ts"
import { SetMetadata } from "../../rules/set-metadata.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixturePath, fixtureSet } from "./fixture-rows.ts"
import { ropeOf } from "./read-directory.ts"

type Kit = ReturnType<typeof engineKit>
type Input = InputOf<typeof MetadataFiles>

/** The files of the fixtures' repository, with these options. */
const inputOf = async (kit: Kit, over: Partial<Input> = {}): Promise<Input> => {
  const options = { compression: "gz" as const, openChecksum: true, ...over }
  const input = { set: await fixtureSet(kit), changelogLimit: 10, compression: options.compression }
  const { broken: _, warnings: __, ...groups } = await kit.want(SetMetadata, { ...input, ...rowsFor(options) })
  return { ...groups, ...options }
}

const namesOf = async (kit: Kit, over: Partial<Input>) => {
  const { files } = await kit.want(MetadataFiles, await inputOf(kit, over))
  return Object.entries(files).map(([type, { name }]) => [type, name])
}

const usual = ["primary", "filelists", "other"].map((kind) => [kind, `${kind}.xml.gz`])

describe("the files of a repository's metadata", () => {
  it("are the three that list every package, each with its checksum and size", async () => {
    const kit = engineKit({ path: fixturePath })
    const { fileWarnings, files } = await kit.want(MetadataFiles, await inputOf(kit))
    expect(Object.entries(files).map(([type, { name }]) => [type, name])).toEqual(usual)
    for (const { checksum, content, size } of Object.values(files)) {
      const digest = kit.give(Bytes, ropeOf(kit, content))
      expect({ checksum, size }).toEqual({ checksum: hashOf(digest), size: sizeOf(digest) })
    }
    expect(fileWarnings).toEqual([])
  })

  it("are also databases, zchunk files and given files, where asked, by their types in repomd.xml", async () => {
    const kit = engineKit({ path: fixturePath })
    expect(await namesOf(kit, { database: true })).toEqual([
      ...usual,
      ...["primary", "filelists", "other"].map((kind) => [`${kind}_db`, `${kind}.sqlite.gz`])
    ])
    const content = kit.give(Bytes, Buffer.from("a certificate"))
    const additional = [
      { type: "productid", name: "productid", content, compression: null },
      { type: "productid_gz", name: "productid", content, compression: "gz" as const }
    ]
    expect(await namesOf(kit, { additional })).toEqual([
      ...usual,
      ["productid", "productid"],
      ["productid_gz", "productid.gz"]
    ])
    const zchunk = await namesOf(kit, { additional, zchunk: { dictionaries: [] } })
    expect(zchunk.filter(([type]) => type?.endsWith("_zck"))).toEqual([
      ...["primary", "filelists", "other"].map((kind) => [`${kind}_zck`, `${kind}.xml.zck`]),
      ["productid_zck", "productid.zck"]
    ])
  })

  it("keep what is there where one more is asked for", async () => {
    const kit = engineKit({ path: fixturePath })
    const content = kit.give(Bytes, Buffer.from("a certificate"))
    await kit.want(MetadataFiles, await inputOf(kit))
    kit.ran()
    await kit.want(
      MetadataFiles,
      await inputOf(kit, { additional: [{ type: "productid", name: "productid", content, compression: null }] })
    )
    expect(kit.ran()).toEqual(["additional-file productid", "additional-files", "metadata-files"])
  })

  it("need the packages themselves only for what is made of them", () => {
    expect(rowsFor({})).toEqual({})
    expect(rowsFor({ database: true })).toEqual({ rows: true })
    expect(rowsFor({ zchunk: { dictionaries: [] } })).toEqual({ rows: true })
    expect(rowsFor({ filterComps: "arch" })).toEqual({})
    expect(rowsFor({ filterComps: "packages" })).toEqual({ rows: true })
  })
})
