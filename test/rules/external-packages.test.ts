import { gzipSync, zstdCompressSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import { Bytes } from "../../graph/index.ts"
import { ExternalPackages } from "../../rules/external-packages.ts"
import { MergeRows } from "../../rules/merge-rows.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { externalDocuments } from "./external-documents.ts"

type Kit = ReturnType<typeof engineKit>

/** A repository elsewhere, its files stored as they are, or as told. */
const repoOf = (kit: Kit, names: ReadonlyArray<string>, stored: (text: Uint8Array) => Uint8Array = (text) => text) => {
  const { filelists, other, primary } = externalDocuments(names)
  const give = (text: Uint8Array) => kit.give(Bytes, stored(text))
  return { url: "http://example.org", primary: give(primary), filelists: give(filelists), other: give(other) }
}

describe("the packages of an external repo", () => {
  it("have what decides over them in a merge, their place and the URL that they are fetched from", async () => {
    const kit = engineKit()
    const rows = kit.read(MergeRows, await kit.want(ExternalPackages, repoOf(kit, ["one", "two"])))
    expect(rows).toEqual(
      ["one", "two"].map((name) =>
        expect.objectContaining({
          name,
          epoch: "0",
          version: "1",
          release: "1",
          arch: "x86_64",
          sourceRpm: `${name}-1-1.src.rpm`,
          href: `${name}.rpm`,
          base: "http://example.org",
          timeFile: 5
        })
      )
    )
    expect(kit.ran()).toEqual(["external-packages http://example.org"])
  })

  it("are the same however the files are compressed", async () => {
    const kit = engineKit()
    const plain = await kit.want(ExternalPackages, repoOf(kit, ["one"]))
    for (const compress of [gzipSync, zstdCompressSync]) {
      expect(
        await kit.want(
          ExternalPackages,
          repoOf(kit, ["one"], (text) => compress(text))
        )
      ).toBe(plain)
    }
  })

  it("are none where there are none", async () => {
    const kit = engineKit()
    expect(kit.read(MergeRows, await kit.want(ExternalPackages, repoOf(kit, [])))).toEqual([])
  })

  it.each([
    ["with bzip2", Buffer.from("BZh91AY"), "primary is compressed with bzip2, which is not read"],
    ["with xz", Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), "primary is compressed with xz, which is not read"],
    [
      "and broken off",
      gzipSync("<metadata/>").subarray(0, 12),
      "primary cannot be uncompressed: unexpected end of file"
    ]
  ])("whose primary is compressed %s fail, with the repo's URL", async (_, bytes, reason) => {
    const kit = engineKit()
    const { failures } = await kit.failure(ExternalPackages, {
      ...repoOf(kit, ["one"]),
      primary: kit.give(Bytes, bytes)
    })
    expect(failures.map(({ error }) => error.message)).toEqual([
      `the metadata of the external repo http://example.org cannot be used: ${reason}`
    ])
  })
})
