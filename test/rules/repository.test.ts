import { createHash } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { Effect, Either } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { Blobs, Bytes, type Digest, type DigestOf, digestOf, type NodeStory } from "../../graph/index.ts"
import { Directory } from "../../rules/directory.ts"
import { writeOlderList } from "../../rules/older-packages.ts"
import { PackageDirectory, PackageFiles } from "../../rules/package-directory.ts"
import { Repository } from "../../rules/repository.ts"
import { Rope } from "../../rules/rope.ts"
import type { TaggedRpm } from "../../rules/rpm-row.ts"
import { BrokenPackages } from "../../rules/set-metadata.ts"
import { readPackageHead } from "../../src/rpm/package-head.ts"
import { sigmd5Of } from "../../src/rpm/signature.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { noiseRpm } from "../kit/noise-rpm.ts"
import { describeWithTools } from "../kit/oracle.ts"
import { fixturePath, fixtureRows, fixtureSet } from "./fixture-rows.ts"
import { taggedRpm } from "./rows.ts"

type Kit = ReturnType<typeof engineKit>
const rows = fixtureRows()
const noPackagePath = import.meta.filename
const noPackage = readFileSync(noPackagePath)

const inputOf = async (
  kit: Kit,
  over: { readonly rows?: ReadonlyArray<TaggedRpm>; readonly time?: number; readonly compression?: "gz" | "zstd" } = {}
) => ({
  arch: "x86_64",
  set: await fixtureSet(kit, { rows: over.rows ?? rows }),
  topdir: "/mnt/koji",
  stamp: { event: 7, time: over.time ?? 1_700_000_000 },
  compression: over.compression ?? ("gz" as const),
  changelogLimit: 10,
  openChecksum: true
})

/** The files of repodata/, by name. */
const repodataOf = (kit: Kit, tree: DigestOf<Directory>): ReadonlyMap<string, Buffer> => {
  const repodata = kit.read(Directory, tree).entries.find(({ name }) => name === "repodata")
  if (repodata?.type !== "directory") throw new Error("repodata is no directory")
  return new Map(
    kit.read(Directory, repodata.content).entries.map((entry) => {
      if (entry.type === "file") return [entry.name, Buffer.from(kit.read(Bytes, entry.content))]
      if (entry.type === "rope")
        return [entry.name, Buffer.concat(kit.read(Rope, entry.content).map((part) => kit.read(Bytes, part)))]
      throw new Error(`${entry.name} is a ${entry.type}`)
    })
  )
}

/** A folder of a folder. */
const folderIn = (kit: Kit, tree: DigestOf<Directory>, name: string): DigestOf<Directory> => {
  const entry = kit.read(Directory, tree).entries.find((candidate) => candidate.name === name)
  if (entry?.type !== "directory") throw new Error(`${name} is no directory`)
  return entry.content
}

const namesIn = (kit: Kit, folder: DigestOf<Directory>): ReadonlyArray<string> =>
  kit.read(Directory, folder).entries.map(({ name }) => name)

const below = (node: NodeStory): ReadonlyArray<NodeStory> => [node, ...node.children.flatMap(below)]

describeWithTools(
  "makedeltarpm",
  "applydeltarpm",
  "rpmbuild"
)("the delta rpms of a repository", () => {
  const folder = mkdtempSync(join(tmpdir(), "distgraph-repository-"))
  afterAll(() => rmSync(folder, { recursive: true }))

  const built = (name: string, version: string, words: ReadonlyArray<string>) => {
    const path = noiseRpm(folder, version, words, name)
    const bytes = readFileSync(path)
    const payloadhash = sigmd5Of(Either.getOrThrow(readPackageHead(bytes)))
    return { path, rpm: taggedRpm({ name, version, arch: "noarch", payloadhash, primary: digestOf(bytes) }) }
  }

  it("lie beside the metadata that lists them, those of debug information in its sub-repository", async () => {
    const names = ["noise", "noise-debuginfo"]
    const old = names.map((name) => built(name, "1", ["one", "two"]))
    const now = names.map((name) => built(name, "2", ["one", "two", "three"]))
    const paths = new Map([...old, ...now].map(({ path, rpm }) => [rpm.primary, path]))
    const kit = engineKit({ path: (digest) => paths.get(digest) })
    const older = Effect.runSync(
      Effect.provideService(writeOlderList(old.map(({ rpm }) => ({ ...rpm, file: rpm.primary }))), Blobs, {
        read: () => Effect.dieMessage("a list is written without reading"),
        write: (bytes) => Effect.sync((): Digest => kit.give(Bytes, bytes))
      })
    )
    const input = await inputOf(kit, { rows: now.map(({ rpm }) => rpm) })
    const deltas = { older: [older], perRepository: 1, maxInstalledSize: 100_000_000, tool: "the one on PATH" }
    const { impossibleDeltas, tree } = await kit.want(Repository, { ...input, splitDebuginfo: "own", deltas })
    const debug = folderIn(kit, tree, "debug")
    expect(impossibleDeltas).toEqual([])
    expect(namesIn(kit, folderIn(kit, tree, "drpms"))).toEqual(["noise-1-1_2-1.noarch.drpm"])
    expect(namesIn(kit, folderIn(kit, debug, "drpms"))).toEqual(["noise-debuginfo-1-1_2-1.noarch.drpm"])
    for (const [place, name] of [
      [tree, "noise"],
      [debug, "noise-debuginfo"]
    ] as const) {
      const files = repodataOf(kit, place)
      const prestodelta = [...files].find(([file]) => file.endsWith("-prestodelta.xml.gz"))?.[1]
      expect(
        gunzipSync(prestodelta ?? "")
          .toString()
          .match(/<newpackage name="[^"]*"/g)
      ).toEqual([`<newpackage name="${name}"`])
    }
  })
})

describe("a repository", () => {
  it.each(["gz", "zstd"] as const)(
    "names in repomd.xml just the files that it has, by their checksums (%s)",
    async (compression) => {
      const kit = engineKit({ path: fixturePath })
      const { rpms, tree } = await kit.want(Repository, await inputOf(kit, { compression }))
      const files = repodataOf(kit, tree)
      const repomd = String(files.get("repomd.xml"))
      const suffix = compression === "gz" ? "gz" : "zst"
      const records = [
        ...repomd.matchAll(/<data type="(\w+)">\s*<checksum type="sha256">(\w+)<.*?href="repodata\/([^"]+)"/gs)
      ]
      expect(records.map(([, type]) => type)).toEqual(["primary", "filelists", "other"])
      for (const [, type, checksum, name] of records) {
        expect(name).toBe(`${checksum}-${type}.xml.${suffix}`)
        expect(
          createHash("sha256")
            .update(files.get(name ?? "") ?? "")
            .digest("hex")
        ).toBe(checksum)
      }
      expect([...files.keys()].toSorted()).toEqual([...records.map(([, , , name]) => name), "repomd.xml"].toSorted())
      expect(rpms).toBe(12)
    }
  )

  it("of nothing is whole: three empty documents, and Koji's mark", async () => {
    const kit = engineKit({ path: fixturePath })
    const { rpms, tree } = await kit.want(Repository, await inputOf(kit, { rows: [] }))
    const names = [...repodataOf(kit, tree).keys()].map((name) => name.replace(/^[0-9a-f]{64}-/, ""))
    expect(names.toSorted()).toEqual(["EMPTY_REPO", "filelists.xml.gz", "other.xml.gz", "primary.xml.gz", "repomd.xml"])
    expect(rpms).toBe(0)
  })

  it.each([
    ["own", "Packages/l/libgreet-debuginfo-2.0-3.x86_64.rpm"],
    ["koji", "../Packages/l/libgreet-debuginfo-2.0-3.x86_64.rpm"]
  ] as const)(
    "lists debug information in a repository of its own, with hrefs for where it lies (%s)",
    async (layout, href) => {
      const kit = engineKit({ path: fixturePath })
      const { rpms, tree } = await kit.want(Repository, { ...(await inputOf(kit)), splitDebuginfo: layout })
      const debug = folderIn(kit, tree, "debug")
      expect(rpms).toBe(12)
      const listed = (directory: DigestOf<Directory>) => {
        const files = [...repodataOf(kit, directory)]
        const [, primary] = files.find(([name]) => name.endsWith("-primary.xml.gz")) ?? []
        return [
          ...gunzipSync(primary ?? "")
            .toString()
            .matchAll(/<location href="([^"]*)"/g)
        ].map(([, href]) => href)
      }
      expect(listed(debug)).toEqual([href])
      expect(listed(tree)).toHaveLength(11)
      const placed = (directory: DigestOf<Directory>) =>
        kit.read(Directory, folderIn(kit, directory, "Packages")).entries.flatMap((entry) => {
          if (entry.type !== "packages") throw new Error(`${entry.name} is no directory of packages`)
          const files = kit.read(PackageDirectory, entry.content).flatMap((run) => kit.read(PackageFiles, run))
          return files.map(({ path }) => `Packages/${entry.name}/${path.replace(/^.*\//, "")}`)
        })
      const among = placed(tree)
      expect(layout === "own" ? placed(debug) : among).toContain("Packages/l/libgreet-debuginfo-2.0-3.x86_64.rpm")
      expect(among).toHaveLength(layout === "own" ? 11 : 12)
      expect(namesIn(kit, debug)).toEqual(
        layout === "own" ? ["Packages", "pkglist", "repodata"] : ["pkglist", "repodata"]
      )
      const whole = await kit.want(Repository, await inputOf(kit))
      expect(listed(whole.tree)).toContain("Packages/l/libgreet-debuginfo-2.0-3.x86_64.rpm")
    }
  )

  it("that holds nothing but debug information is listed as empty, without the mark that says why", async () => {
    const kit = engineKit({ path: fixturePath })
    const rows = fixtureRows().filter(({ name }) => name.endsWith("-debuginfo"))
    const { tree } = await kit.want(Repository, { ...(await inputOf(kit, { rows })), splitDebuginfo: "own" })
    expect(namesIn(kit, tree)).toEqual(["debug", "kojipkgs", "pkglist", "repodata"])
    expect([...repodataOf(kit, tree).keys()]).not.toContain("EMPTY_REPO")
  })

  it("runs nothing but repomd and tree where only the date is another", async () => {
    const kit = engineKit({ path: fixturePath })
    await kit.want(Repository, await inputOf(kit))
    kit.ran()
    await kit.want(Repository, await inputOf(kit, { time: 1_800_000_000 }))
    expect(kit.ran()).toEqual(["repodata", "repomd", "repository x86_64", "tree"])
  })

  it("reads no package again for another compression", async () => {
    const kit = engineKit({ path: fixturePath })
    await kit.want(Repository, await inputOf(kit))
    kit.ran()
    await kit.want(Repository, await inputOf(kit, { compression: "zstd" }))
    expect(new Set(kit.ran().map((node) => node.split(" ")[0]))).toEqual(
      new Set([
        "compress-group",
        "groundwork",
        "metadata-file",
        "metadata-files",
        "metadata-groups",
        "metadata-run",
        "repodata",
        "repomd",
        "repository",
        "tree"
      ])
    )
  })

  it("does the work of one chunk where one rpm is another", async () => {
    const kit = engineKit({ path: fixturePath })
    await kit.want(Repository, await inputOf(kit, { rows: rows.filter(({ version }) => version !== "1.1") }))
    kit.ran()
    await kit.want(Repository, await inputOf(kit))
    // clockwork begins the chunk that hello is in
    expect(kit.ran().filter((node) => !node.startsWith("signed-lookup"))).toEqual([
      "compress-group primary+filelists+other clockwork",
      "groundwork x86_64",
      "listings",
      "listings-chunk clockwork",
      "metadata-file filelists",
      "metadata-file primary+other",
      "metadata-files",
      "metadata-groups",
      "metadata-run clockwork",
      "package-metadata hello-1.1-1.x86_64",
      "repodata",
      "repomd",
      "repository x86_64",
      "tree"
    ])
  })

  it("sums its files together where it does not sum their texts, as then most of it is reading", async () => {
    const kit = engineKit({ path: fixturePath })
    await kit.want(Repository, { ...(await inputOf(kit)), openChecksum: false })
    expect(kit.ran().filter((node) => node.startsWith("metadata-file "))).toEqual([
      "metadata-file primary+filelists+other"
    ])
  })

  it("says why by the kinds of its files: which changed, and what made it", async () => {
    const kit = engineKit({ path: fixturePath })
    await kit.want(Repository, await inputOf(kit, { rows: rows.filter(({ version }) => version !== "1.1") }))
    await kit.want(Repository, await inputOf(kit, { time: 1_800_000_000 }))
    const { root } = await kit.explain()
    const changesOf = (rule: string) => {
      const outcome =
        root === null || root === undefined ? undefined : below(root).find((node) => node.rule === rule)?.outcome
      const reason = outcome?._tag === "Ran" ? outcome.reason : undefined
      return reason?._tag === "InputChanged" ? reason.changes : []
    }
    expect(changesOf("repomd").map(({ field }) => field)).toEqual(
      expect.arrayContaining([
        "files.primary.checksum",
        "files.filelists.checksum",
        "files.other.checksum",
        "stamp.time"
      ])
    )
    expect(changesOf("tree")).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ field: "packages", producedBy: "listings" }),
        expect.objectContaining({ field: "repodata", producedBy: "repodata" })
      ])
    )
    expect(changesOf("metadata-file")).toEqual(
      expect.arrayContaining([expect.objectContaining({ field: "filelists.groups", producedBy: "metadata-groups" })])
    )
  })

  it("with packages that cannot be listed fails before any file is made, and names them all", async () => {
    const kit = engineKit({ path: (digest) => (digest === digestOf(noPackage) ? noPackagePath : fixturePath(digest)) })
    const bad = rows.map((rpm) =>
      /^(hello|weather)$/.test(rpm.name) ? { ...rpm, primary: digestOf(noPackage), signatures: [] } : rpm
    )
    const failure = await kit.failure(Repository, await inputOf(kit, { rows: bad }))
    expect(failure.failures.map(({ error }) => (error instanceof BrokenPackages ? error.packages : error))).toEqual([
      ["hello-1.0-1", "hello-1.1-1", "weather-2.0~rc1-1"].map((nvr) => ({
        package: `${nvr}.x86_64`,
        reason: "the file does not start as a package does"
      }))
    ])
    expect(kit.ran().filter((node) => node.startsWith("metadata-file"))).toEqual([])
  })

  it("rebuilds what the store lost, to the same bytes", async () => {
    const kit = engineKit({ path: fixturePath })
    const input = await inputOf(kit)
    const { tree } = await kit.want(Repository, input)
    const packages = kit.read(Directory, tree).entries.find(({ name }) => name === "Packages")
    if (packages?.type !== "directory") throw new Error("no Packages")
    kit.evict(packages.content)
    kit.ran()
    expect((await kit.want(Repository, input, { repair: true })).tree).toBe(tree)
    expect(kit.ran()).toContain("listings")
    expect(kit.read(Directory, packages.content).entries.length).toBeGreaterThan(0)
  })
})
