import { gunzipSync, zstdDecompressSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import { Bytes, type InputOf } from "../../graph/index.ts"
import { CompressGroup, MetadataRows } from "../../rules/compress-group.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixturePath } from "./fixture-rows.ts"
import { metadataRows } from "./metadata-rows.ts"

type Kit = ReturnType<typeof engineKit>

/** Two chunks, the first of two packages. */
const inputOf = async (kit: Kit, over: Partial<InputOf<typeof CompressGroup>> = {}) => ({
  kinds: ["primary", "other"] as const,
  chunks: [
    await metadataRows(kit, ["greet-doc-2.0-3.noarch.rpm", "libgreet-2.0-3.x86_64.rpm"]),
    await metadataRows(kit, ["minish-5-2.x86_64.rpm"])
  ],
  first: "greet-doc",
  compression: "gz" as const,
  ...over
})

describe("compress-group", () => {
  it("makes one member of each kind that is asked for, with the packages of all chunks in order", async () => {
    const kit = engineKit({ path: fixturePath })
    const groups = await kit.want(CompressGroup, await inputOf(kit))
    expect(Object.keys(groups)).toEqual(["primary", "other"])
    for (const kind of ["primary", "other"] as const) {
      const made = groups[kind]
      const text = made === undefined ? Buffer.alloc(0) : gunzipSync(kit.read(Bytes, made.group))
      const names = [
        ...text.toString().matchAll(kind === "primary" ? /<name>(.*)<\/name>/g : /<package .*name="(\S*)"/g)
      ]
      expect(names.map(([, name]) => name)).toEqual(["greet-doc", "libgreet", "minish"])
      expect(made?.openSize).toBe(text.length)
    }
  })

  it("compresses the same text with zstd", async () => {
    const kit = engineKit({ path: fixturePath })
    const [gz, zstd] = [
      await kit.want(CompressGroup, await inputOf(kit, { kinds: ["filelists"] })),
      await kit.want(CompressGroup, await inputOf(kit, { kinds: ["filelists"], compression: "zstd" }))
    ].map(({ filelists }) => (filelists === undefined ? Buffer.alloc(0) : kit.read(Bytes, filelists.group)))
    expect(zstdDecompressSync(zstd ?? "")).toEqual(gunzipSync(gz ?? ""))
  })

  it("fills in the place and the time of each row, and the URL of its own repository before that of all", async () => {
    const kit = engineKit({ path: fixturePath })
    const [row] = kit.read(MetadataRows, await metadataRows(kit, ["minish-5-2.x86_64.rpm"]))
    if (row === undefined) throw new Error("no row")
    const chunk = kit.give(MetadataRows, [row, { ...row, href: "a&b.rpm", timeFile: 9, base: "http://own/" }])
    const input = await inputOf(kit, { kinds: ["primary"], chunks: [chunk], base: "http://all/" })
    const { primary } = await kit.want(CompressGroup, input)
    const text = gunzipSync(primary === undefined ? "" : kit.read(Bytes, primary.group)).toString()
    expect(text.match(/<location .*\/>/g)).toEqual([
      '<location xml:base="http://all/" href="Packages/m/minish-5-2.x86_64.rpm"/>',
      '<location xml:base="http://own/" href="a&amp;b.rpm"/>'
    ])
    expect([...text.matchAll(/<time file="(\d+)"/g)].map(([, time]) => time)).toEqual([String(row.timeFile), "9"])
  })

  it("runs again for other packages or another URL, and is named after its kinds and its first chunk", async () => {
    const kit = engineKit({ path: fixturePath })
    const input = await inputOf(kit)
    await kit.want(CompressGroup, input)
    kit.ran()
    await kit.want(CompressGroup, input)
    expect(kit.ran()).toEqual([])
    await kit.want(CompressGroup, { ...input, base: "http://example.org/" })
    await kit.want(CompressGroup, { ...input, chunks: input.chunks.slice(0, 1) })
    expect(kit.ran()).toEqual(["compress-group primary+other greet-doc", "compress-group primary+other greet-doc"])
  })
})
