import { hash } from "node:crypto"
import { zstdCompressSync, zstdDecompressSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import { Bytes } from "../../graph/index.ts"
import { type MetadataKind, MetadataRows } from "../../rules/compress-group.ts"
import { Fragments } from "../../rules/package-metadata.ts"
import { ZchunkChunks, type ZchunkDictionaries } from "../../rules/zchunk-chunks.ts"
import type { ZchunkPart } from "../../rules/zchunk-part.ts"
import { fillPrimary } from "../../src/repodata/primary.ts"
import { chunkEntry, noDictionary, zchunkHeader } from "../../src/repodata/zchunk.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { zchunkTexts } from "../kit/zchunk-texts.ts"
import { fixturePath } from "./fixture-rows.ts"
import { metadataRows } from "./metadata-rows.ts"

type Kit = ReturnType<typeof engineKit>

const kinds: ReadonlyArray<MetadataKind> = ["primary", "filelists", "other"]

/** Of one source, another, and the first again. */
const greet = ["greet-doc-2.0-3.noarch.rpm", "libgreet-2.0-3.x86_64.rpm"]
const minish = ["minish-5-2.x86_64.rpm"]
const again = ["libgreet-debuginfo-2.0-3.x86_64.rpm", "libgreet-devel-2.0-3.x86_64.rpm"]
const sources = ["hello-1.0-1.src.rpm", "hello-1.1-1.src.rpm"]

const makeChunks = async (
  kit: Kit,
  files: ReadonlyArray<string>,
  options: { readonly base?: string; readonly dictionaries?: typeof ZchunkDictionaries.Type } = {}
) => {
  const rows = await metadataRows(kit, files)
  const parts = await kit.want(ZchunkChunks, { rows, first: files[0] ?? "", dictionaries: {}, ...options })
  return { rows, parts }
}

/** The texts of a run's chunks, after all that its entries say of them has been checked. */
const textsOf = (kit: Kit, part: ZchunkPart, dictionary?: Uint8Array): ReadonlyArray<string> => {
  const compressed = dictionary === undefined ? Buffer.alloc(0) : zstdCompressSync(dictionary)
  const stored = Buffer.concat([compressed, kit.read(Bytes, part.stored)])
  const first = dictionary === undefined ? noDictionary : chunkEntry(compressed, dictionary.length)
  const entries = [first, kit.read(Bytes, part.entries)]
  const header = zchunkHeader({ entries, chunks: part.chunks + 1, dataDigest: hash("sha256", stored, "buffer") })
  return zchunkTexts(Buffer.concat([header.bytes, stored]))
}

/** The names of the packages in each chunk. */
const namesIn = (texts: ReadonlyArray<string>) =>
  texts.map((text) =>
    [...text.matchAll(/<name>([^<]*)<|<package pkgid="[^"]*" name="([^"]*)"/g)].map((name) => name[1] ?? name[2])
  )

describe("the zchunk chunks of some packages", () => {
  it.each(kinds)("are one for each run of packages of one source, in %s", async (kind) => {
    const kit = engineKit({ path: fixturePath })
    const { parts } = await makeChunks(kit, [...greet, ...minish, ...again])
    expect(namesIn(textsOf(kit, parts[kind]))).toEqual([
      ["greet-doc", "libgreet"],
      ["minish"],
      ["libgreet-debuginfo", "libgreet-devel"]
    ])
  })

  it("are one for each source package", async () => {
    const kit = engineKit({ path: fixturePath })
    const { parts } = await makeChunks(kit, [...sources, ...minish])
    expect(namesIn(textsOf(kit, parts.primary))).toEqual([["hello"], ["hello"], ["minish"]])
  })

  it("hold, one behind the other, just what the packages contribute", async () => {
    const kit = engineKit({ path: fixturePath })
    const { parts, rows } = await makeChunks(kit, [...greet, ...minish], { base: "http://example.org/" })
    const read = kit.read(MetadataRows, rows).map(({ fragments, ...place }) => {
      const { primary, ...lists } = kit.read(Fragments, fragments)
      return { ...lists, primary: Buffer.concat(fillPrimary(primary, { ...place, base: "http://example.org/" })) }
    })
    for (const kind of kinds) {
      const whole = Buffer.concat(read.map((texts) => texts[kind])).toString("latin1")
      expect(textsOf(kit, parts[kind]).join("")).toBe(whole)
      expect(parts[kind].openSize).toBe(whole.length)
    }
  })

  it("are compressed with the dictionary of their file, and cannot be read without", async () => {
    const kit = engineKit({ path: fixturePath })
    const plain = await makeChunks(kit, minish)
    const dictionary = Buffer.from(textsOf(kit, plain.parts.primary).join(""), "latin1")
    const { parts } = await makeChunks(kit, minish, { dictionaries: { primary: kit.give(Bytes, dictionary) } })
    expect(textsOf(kit, parts.primary, dictionary).join("")).toBe(dictionary.toString("latin1"))
    const stored = kit.read(Bytes, parts.primary.stored)
    expect(stored.length).toBeLessThan(100)
    expect(() => zstdDecompressSync(stored)).toThrow()
    expect(parts.filelists).toEqual(plain.parts.filelists)
  })

  it("are the same for the same packages, whatever stands around them in the list", async () => {
    const kit = engineKit({ path: fixturePath })
    const one = textsOf(kit, (await makeChunks(kit, [...greet, ...minish])).parts.other)
    const other = textsOf(kit, (await makeChunks(kit, [...minish, ...greet])).parts.other)
    expect([...other].sort()).toEqual([...one].sort())
  })
})
