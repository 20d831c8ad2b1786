import { gunzipSync, zstdDecompressSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import { Bytes } from "../../graph/index.ts"
import type { MetadataKind } from "../../rules/compress-group.ts"
import type { Compression } from "../../rules/compression.ts"
import { Rope } from "../../rules/rope.ts"
import type { TaggedRpm } from "../../rules/rpm-row.ts"
import { SetMetadata } from "../../rules/set-metadata.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixturePath, fixtureRows, fixtureSet } from "./fixture-rows.ts"

type Kit = ReturnType<typeof engineKit>

const rows = fixtureRows()
const withoutUpdate = rows.filter(({ version }) => version !== "1.1")
const kinds: ReadonlyArray<MetadataKind> = ["primary", "filelists", "other"]

const makeGroups = async (kit: Kit, compression: Compression, of: ReadonlyArray<TaggedRpm> = rows) =>
  kit.want(SetMetadata, { set: await fixtureSet(kit, { rows: of }), changelogLimit: 10, compression })

/** The text of each group of a kind. */
const textsOf = (kit: Kit, groups: Awaited<ReturnType<typeof makeGroups>>, kind: MetadataKind, how: Compression) =>
  kit
    .read(Rope, groups[kind].groups)
    .map((group) => (how === "gz" ? gunzipSync : zstdDecompressSync)(kit.read(Bytes, group)))

const groupsRun = (kit: Kit) => kit.ran().filter((node) => node.startsWith("compress-group"))

describe("the groups of a repository's metadata", () => {
  it.each(["gz", "zstd"] as const)("hold every package, in order, and say how long their text is (%s)", async (how) => {
    const kit = engineKit({ path: fixturePath })
    const groups = await makeGroups(kit, how)
    for (const kind of kinds) {
      const text = Buffer.concat(textsOf(kit, groups, kind, how))
      const names = [...text.toString().matchAll(kind === "primary" ? /<name>(.*)<\/name>/g : / name="(\S+)" arch=/g)]
      expect(names.map(([, name]) => name)).toEqual([
        "clockwork",
        "demo-release",
        "forecast",
        "greet-doc",
        "hello",
        "hello",
        "libgreet",
        "libgreet-debuginfo",
        "libgreet-devel",
        "minish",
        "scratchpad",
        "weather"
      ])
      expect(groups[kind].openSize).toBe(text.length)
    }
  })

  it("are of one chunk each where gzip compresses, and of many in primary and other where zstd does", async () => {
    const kit = engineKit({ path: fixturePath })
    const counts = async (how: Compression) => {
      const groups = await makeGroups(kit, how)
      return kinds.map((kind) => kit.read(Rope, groups[kind].groups).length)
    }
    // two chunks: clockwork begins one, minish the other, at a cut too soft for zstd's larger groups
    expect(await counts("gz")).toEqual([2, 2, 2])
    expect(await counts("zstd")).toEqual([1, 2, 1])
  })

  it("are made together where they hold the same packages, so that each package is read but once for them", async () => {
    const kit = engineKit({ path: fixturePath })
    await makeGroups(kit, "gz")
    expect(groupsRun(kit)).toEqual([
      "compress-group primary+filelists+other clockwork",
      "compress-group primary+filelists+other minish"
    ])
    await makeGroups(kit, "zstd")
    expect(groupsRun(kit)).toEqual([
      "compress-group filelists clockwork",
      "compress-group filelists minish",
      "compress-group primary+other clockwork"
    ])
  })

  it("are those of before where only others changed", async () => {
    const kit = engineKit({ path: fixturePath })
    const before = await makeGroups(kit, "gz", withoutUpdate)
    kit.ran()
    const after = await makeGroups(kit, "gz")
    expect(groupsRun(kit)).toEqual(["compress-group primary+filelists+other clockwork"])
    for (const kind of kinds) {
      const [old, now] = [before, after].map((groups) => kit.read(Rope, groups[kind].groups))
      expect(now?.[1]).toBe(old?.[1])
      expect(now?.[0]).not.toBe(old?.[0])
    }
  })

  it("of no packages are none", async () => {
    const kit = engineKit({ path: fixturePath })
    const groups = await makeGroups(kit, "zstd", [])
    for (const kind of kinds) {
      expect(kit.read(Rope, groups[kind].groups)).toEqual([])
      expect(groups[kind].openSize).toBe(0)
    }
  })
})
