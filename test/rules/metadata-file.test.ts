import { createHash } from "node:crypto"
import { gunzipSync, zstdDecompressSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import { Bytes } from "../../graph/index.ts"
import type { MetadataKind } from "../../rules/compress-group.ts"
import type { Compression } from "../../rules/compression.ts"
import { MetadataFile } from "../../rules/metadata-file.ts"
import { Fragments, PackageMetadata } from "../../rules/package-metadata.ts"
import { Rope } from "../../rules/rope.ts"
import { ChosenChunk, type TaggedRpm } from "../../rules/rpm-row.ts"
import { SetMetadata } from "../../rules/set-metadata.ts"
import { ChosenList } from "../../rules/signed-lookup.ts"
import { closing, opening } from "../../src/repodata/documents.ts"
import { fillPrimary } from "../../src/repodata/primary.ts"
import { fileName, nvra } from "../../src/rpm/nevra.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixturePath, fixtureRows, fixtureSet } from "./fixture-rows.ts"

type Kit = ReturnType<typeof engineKit>

const makeFile = async (
  kit: Kit,
  kind: MetadataKind,
  compression: Compression,
  rows: ReadonlyArray<TaggedRpm> = fixtureRows(),
  openChecksum = true
) => {
  const set = await fixtureSet(kit, { rows })
  const metadata = await kit.want(SetMetadata, { set, changelogLimit: 10, compression })
  const rpms = metadata.packages
  const { filelists, other, primary } = metadata
  const input = { primary, filelists, other, rpms, compression, openChecksum }
  const file = (await kit.want(MetadataFile, input))[kind]
  if (file === undefined) throw new Error(`${kind} was not made`)
  const parts = kit.read(Rope, file.content)
  const bytes = Buffer.concat(parts.map((part) => kit.read(Bytes, part)))
  const open = compression === "gz" ? gunzipSync(bytes) : zstdDecompressSync(bytes)
  return { file, parts, bytes, open, set, rpms }
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

/** The document as it would be written in one go. */
const plainDocument = async (
  kit: Kit,
  kind: MetadataKind,
  { rpms, set }: Pick<Awaited<ReturnType<typeof makeFile>>, "rpms" | "set">
) => {
  const elements: Array<Uint8Array> = []
  for (const rpm of kit.read(ChosenList, set).flatMap(({ chunk }) => kit.read(ChosenChunk, chunk))) {
    const read = await kit.want(PackageMetadata, {
      package: nvra(rpm),
      file: rpm.file,
      sigmd5: rpm.payloadhash,
      signedWith: rpm.sigkey,
      changelogLimit: 10
    })
    if (read._tag === "Broken") throw new Error(read.reason)
    const { primary, ...lists } = kit.read(Fragments, read.fragments)
    const place = { href: `Packages/${rpm.name[0]}/${fileName(rpm)}`, timeFile: rpm.buildtime }
    elements.push(...(kind === "primary" ? fillPrimary(primary, place) : [lists[kind]]))
  }
  return Buffer.concat([opening(kind, rpms), ...elements, closing(kind)])
}

const kinds: ReadonlyArray<MetadataKind> = ["primary", "filelists", "other"]
const everyKind = kinds.flatMap((kind) => (["gz", "zstd"] as const).map((compression) => ({ kind, compression })))

describe("a metadata file", () => {
  it.each(everyKind)("is, uncompressed, the whole document ($kind, $compression)", async ({ compression, kind }) => {
    const kit = engineKit({ path: fixturePath })
    const made = await makeFile(kit, kind, compression)
    expect(made.open.equals(await plainDocument(kit, kind, made))).toBe(true)
    expect(made.open.toString().split("<package ").length - 1).toBe(12)
    expect(made.open.toString()).toContain('packages="12"')
  })

  it.each(everyKind)("says what it is: its sums and sizes ($kind, $compression)", async ({ compression, kind }) => {
    const { bytes, file, open } = await makeFile(engineKit({ path: fixturePath }), kind, compression)
    expect(file).toMatchObject({
      checksum: sha256(bytes),
      size: bytes.length,
      openChecksum: sha256(open),
      openSize: open.length
    })
  })

  it("goes without the sum of its open text where it is not wanted", async () => {
    const made = await makeFile(engineKit({ path: fixturePath }), "other", "gz", fixtureRows(), false)
    expect("openChecksum" in made.file).toBe(false)
    expect(made.file).toMatchObject({ checksum: sha256(made.bytes), openSize: made.open.length })
  })

  it.each(everyKind)("of no packages is an empty document ($kind, $compression)", async ({ compression, kind }) => {
    const { file, open } = await makeFile(engineKit({ path: fixturePath }), kind, compression, [])
    expect(open.toString()).toBe(`${Buffer.from(opening(kind, 0))}${Buffer.from(closing(kind))}`)
    expect(file.openSize).toBe(open.length)
  })

  it("consists of members or frames that stand by themselves: the document's ends and its groups", async () => {
    const kit = engineKit({ path: fixturePath })
    const { parts } = await makeFile(kit, "primary", "gz")
    // two chunks, so two groups; clockwork begins the first, minish the second
    const open = parts.map((part) => gunzipSync(kit.read(Bytes, part)).toString())
    expect(open.map((text) => /<name>(\w+)/.exec(text)?.[1])).toEqual([undefined, "clockwork", "minish", undefined])
    const zstd = await makeFile(kit, "primary", "zstd")
    expect(zstd.parts.map((part) => zstdDecompressSync(kit.read(Bytes, part)).length > 0)).toEqual([true, true, true])
  })

  it("compresses: gz and zstd both come out smaller than the text", async () => {
    for (const compression of ["gz", "zstd"] as const) {
      const { file } = await makeFile(engineKit({ path: fixturePath }), "primary", compression)
      expect(file.size).toBeLessThan((file.openSize ?? 0) / 2)
    }
  })
})
