import { describe, expect, it } from "vitest"
import { Bytes } from "../../graph/index.ts"
import type { MetadataKind } from "../../rules/compress-group.ts"
import { decompress } from "../../rules/compression.ts"
import { MetadataFiles } from "../../rules/metadata-files.ts"
import type { RepositoryFile, RepositoryFiles } from "../../rules/repository-file.ts"
import { Rope } from "../../rules/rope.ts"
import type { TaggedRpm } from "../../rules/rpm-row.ts"
import { SetMetadata } from "../../rules/set-metadata.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { zchunkText, zchunkTexts } from "../kit/zchunk-texts.ts"
import { fixturePath, fixtureRows, fixtureSet } from "./fixture-rows.ts"

type Kit = ReturnType<typeof engineKit>

const kinds: ReadonlyArray<MetadataKind> = ["primary", "filelists", "other"]
const options = { compression: "gz", changelogLimit: 10, openChecksum: true } as const
const comps = Buffer.from("<comps/>")

/** All files of the fixtures' repository, with groups in two forms. */
const makeFiles = async (
  kit: Kit,
  over: {
    readonly rows?: ReadonlyArray<TaggedRpm>
    readonly openChecksum?: boolean
    readonly dictionaries?: Readonly<Record<string, Uint8Array>>
  } = {}
): Promise<RepositoryFiles> => {
  const set = await fixtureSet(kit, { rows: over.rows ?? fixtureRows() })
  const { broken: _, warnings: __, ...groups } = await kit.want(SetMetadata, { set, ...options, rows: true })
  const content = kit.give(Bytes, comps)
  const dictionaries = Object.entries(over.dictionaries ?? {})
  const { files } = await kit.want(MetadataFiles, {
    ...groups,
    ...options,
    openChecksum: over.openChecksum ?? true,
    additional: [
      { type: "group", name: "comps.xml", content, compression: null },
      { type: "group_gz", name: "comps.xml", content, compression: "gz" }
    ],
    zchunk: { dictionaries: dictionaries.map(([file, bytes]) => ({ file, content: kit.give(Bytes, bytes) })) }
  })
  return files
}

const bytesOf = (kit: Kit, file: RepositoryFile | undefined): Buffer =>
  Buffer.concat(file === undefined ? [] : kit.read(Rope, file.content).map((part) => kit.read(Bytes, part)))

describe("the zchunk files of a repository", () => {
  it("are one for each of its files, once where it is there in two forms", async () => {
    const files = await makeFiles(engineKit({ path: fixturePath }))
    expect(Object.entries(files).map(([type, { name }]) => [type, name])).toEqual([
      ["primary", "primary.xml.gz"],
      ["filelists", "filelists.xml.gz"],
      ["other", "other.xml.gz"],
      ["group", "comps.xml"],
      ["group_gz", "comps.xml.gz"],
      ["primary_zck", "primary.xml.zck"],
      ["filelists_zck", "filelists.xml.zck"],
      ["other_zck", "other.xml.zck"],
      ["group_zck", "comps.xml.zck"]
    ])
  })

  it.each(kinds)("have the very text of the compressed file, and its sum and size (%s)", async (kind) => {
    const kit = engineKit({ path: fixturePath })
    const files = await makeFiles(kit)
    const text = Buffer.from(decompress("gz", bytesOf(kit, files[kind]))).toString()
    expect(zchunkText(bytesOf(kit, files[`${kind}_zck`]))).toBe(text)
    expect(files[`${kind}_zck`]?.openChecksum).toBe(files[kind]?.openChecksum)
    expect(files[`${kind}_zck`]?.openSize).toBe(files[kind]?.openSize)
  })

  it("of no packages are whole", async () => {
    const kit = engineKit({ path: fixturePath })
    const files = await makeFiles(kit, { rows: [] })
    expect(zchunkText(bytesOf(kit, files["other_zck"]))).toContain('packages="0">\n</otherdata>')
  })

  it("go without the sums of their texts where these are not wanted", async () => {
    const files = await makeFiles(engineKit({ path: fixturePath }), { openChecksum: false })
    for (const kind of kinds) expect("openChecksum" in (files[`${kind}_zck`] ?? {})).toBe(false)
  })

  it("are compressed with the dictionaries of their names", async () => {
    const kit = engineKit({ path: fixturePath })
    const plain = await makeFiles(kit)
    const dictionary = Buffer.from(zchunkTexts(bytesOf(kit, plain["primary_zck"]))[1] ?? "", "latin1")
    const files = await makeFiles(kit, { dictionaries: { "primary.xml": dictionary, "comps.xml": comps } })
    for (const type of ["primary_zck", "group_zck"]) {
      expect(files[type]?.checksum).not.toBe(plain[type]?.checksum)
      expect(zchunkText(bytesOf(kit, files[type]))).toBe(zchunkText(bytesOf(kit, plain[type])))
    }
    expect(files["other_zck"]).toEqual(plain["other_zck"])
  })

  it("cost, after a change, the chunk of the list that it is in", async () => {
    const kit = engineKit({ path: fixturePath })
    const rows = fixtureRows()
    const older = await makeFiles(kit, {
      rows: rows.filter(({ name, version }) => name !== "hello" || version !== "1.1")
    })
    kit.ran()
    const newer = await makeFiles(kit, {
      rows: rows.filter(({ name, version }) => name !== "hello" || version !== "1.0")
    })
    expect(kit.ran().filter((node) => node.includes("zchunk"))).toEqual([
      "zchunk-chunks clockwork",
      "zchunk-file filelists",
      "zchunk-file other",
      "zchunk-file primary",
      "zchunk-files"
    ])
    const before = zchunkTexts(bytesOf(kit, older["primary_zck"]))
    const changed = zchunkTexts(bytesOf(kit, newer["primary_zck"])).filter((text) => !before.includes(text))
    expect(changed).toHaveLength(1)
    expect(changed[0]).toContain("<name>hello</name>")
  })
})
