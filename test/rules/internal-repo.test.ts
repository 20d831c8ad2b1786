import { gunzipSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import { Bytes, type DigestOf } from "../../graph/index.ts"
import { Directory } from "../../rules/directory.ts"
import { DistRepo } from "../../rules/dist-repo.ts"
import { InternalRepo } from "../../rules/internal-repo.ts"
import { Rope } from "../../rules/rope.ts"
import type { TaggedRpm } from "../../rules/rpm-row.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { externalDocuments } from "./external-documents.ts"
import { fixturePath, fixtureRows } from "./fixture-rows.ts"
import { snapshotOf } from "./rows.ts"

type Kit = ReturnType<typeof engineKit>

const rows = fixtureRows()

const inputOf = (kit: Kit, rpms: ReadonlyArray<TaggedRpm> = rows) => ({
  snapshot: snapshotOf(kit, rpms),
  stamp: { event: 7, time: 1_700_000_000 },
  arches: ["aarch64", "x86_64"],
  blocklist: kit.give(Bytes, Buffer.from("blocked\n")),
  groups: kit.give(Bytes, Buffer.from("<comps/>")),
  compression: "gz" as const,
  changelogLimit: 10,
  openChecksum: true
})

/** The text of a file below a repo's folder. */
const textOf = (kit: Kit, root: DigestOf<Directory>, ...path: ReadonlyArray<string>): string => {
  const [name, ...rest] = path
  const entry = kit.read(Directory, root).entries.find((other) => other.name.replace(/^[0-9a-f]{64}-/, "") === name)
  if (entry?.type === "directory") return textOf(kit, entry.content, ...rest)
  if (entry?.type === "file") return Buffer.from(kit.read(Bytes, entry.content)).toString()
  if (entry?.type !== "rope") throw new Error(`${name} is ${entry?.type}`)
  const bytes = Buffer.concat(kit.read(Rope, entry.content).map((part) => kit.read(Bytes, part)))
  return (name?.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString()
}

const pkglistOf = (kit: Kit, root: DigestOf<Directory>, arch: string): ReadonlyArray<string> =>
  textOf(kit, root, arch, "pkglist").split("\n").slice(0, -1)

/** The names in a folder, with the types of what is no file. */
const namesIn = (kit: Kit, root: DigestOf<Directory>, ...path: ReadonlyArray<string>): ReadonlyArray<string> => {
  const [name, ...rest] = path
  const { entries } = kit.read(Directory, root)
  if (name === undefined) {
    return entries.map((entry) =>
      entry.type === "topdir" ? `${entry.name} -> topdir` : entry.name.replace(/^[0-9a-f]{64}-/, "")
    )
  }
  const entry = entries.find((other) => other.name === name)
  if (entry?.type !== "directory") throw new Error(`${name} is no directory`)
  return namesIn(kit, entry.content, ...rest)
}

describe("internal-repo", () => {
  it("has the lists and metadata of each arch, a link to the packages, and the groups", async () => {
    const kit = engineKit({ path: fixturePath })
    const { repositories, root } = await kit.want(InternalRepo, inputOf(kit))
    expect(namesIn(kit, root)).toEqual(["aarch64", "groups", "x86_64"])
    expect(textOf(kit, root, "groups", "comps.xml")).toBe("<comps/>")
    for (const { arch } of repositories) {
      expect(namesIn(kit, root, arch)).toEqual([
        "blocklist",
        "pkglist",
        "repodata",
        "rpmlist.jsonl",
        "toplink -> topdir"
      ])
      expect(textOf(kit, root, arch, "blocklist")).toBe("blocked\n")
    }
    expect(repositories.map(({ arch, rpms }) => [arch, rpms])).toEqual([
      ["aarch64", pkglistOf(kit, root, "aarch64").length],
      ["x86_64", pkglistOf(kit, root, "x86_64").length]
    ])
  })

  it("places each package through the link, at its primary copy, where pkglist has it", async () => {
    const kit = engineKit({ path: fixturePath })
    const { root } = await kit.want(InternalRepo, inputOf(kit))
    const primary = textOf(kit, root, "x86_64", "repodata", "primary.xml.gz")
    const hrefs = [...primary.matchAll(/<location href="([^"]*)"/g)].map(([, href]) => href)
    expect(hrefs).toEqual(pkglistOf(kit, root, "x86_64"))
    expect(hrefs).toContain("toplink/packages/hello/1.1/1/x86_64/hello-1.1-1.x86_64.rpm")
  })

  it("lists noarch packages in every arch, and neither source packages nor debug information unless asked", async () => {
    const kit = engineKit({ path: fixturePath })
    const { root } = await kit.want(InternalRepo, inputOf(kit))
    const archesIn = (list: ReadonlyArray<string>) =>
      new Set(list.map((path) => path.replace(/^.*\.(\w+)\.rpm$/, "$1")))
    expect(archesIn(pkglistOf(kit, root, "x86_64"))).toEqual(new Set(["noarch", "x86_64"]))
    expect(archesIn(pkglistOf(kit, root, "aarch64"))).toEqual(new Set(["aarch64", "noarch"]))
    expect(pkglistOf(kit, root, "x86_64").filter((path) => path.includes("debuginfo"))).toEqual([])
    const whole = await kit.want(InternalRepo, { ...inputOf(kit), src: true, debuginfo: true })
    const more = pkglistOf(kit, whole.root, "x86_64").filter((path) => !pkglistOf(kit, root, "x86_64").includes(path))
    const sources = rows.filter(({ arch }) => arch === "src").length
    expect(archesIn(more)).toEqual(new Set(["src", "x86_64"]))
    expect(more.filter((path) => path.endsWith(".src.rpm"))).toHaveLength(sources)
    expect(more.filter((path) => path.includes("debuginfo"))).toHaveLength(more.length - sources)
  })

  it("has each source package once in src, also where every arch has them", async () => {
    const kit = engineKit({ path: fixturePath })
    const sources = rows.filter(({ arch }) => arch === "src").length
    for (const src of [{}, { src: true as const }]) {
      const { repositories, root } = await kit.want(InternalRepo, {
        ...inputOf(kit),
        arches: ["src", "x86_64"],
        ...src
      })
      expect(new Set(pkglistOf(kit, root, "src")).size).toBe(sources)
      expect(repositories[0]?.rpms).toBe(sources)
      expect(pkglistOf(kit, root, "src").every((path) => path.endsWith(".src.rpm"))).toBe(true)
    }
  })

  it("marks an arch without packages as empty, as Koji does", async () => {
    const kit = engineKit({ path: fixturePath })
    const { root } = await kit.want(InternalRepo, { ...inputOf(kit), arches: ["s390x", "x86_64"] })
    expect(pkglistOf(kit, root, "x86_64").length).toBeGreaterThan(0)
    expect(namesIn(kit, root, "x86_64", "repodata")).not.toContain("EMPTY_REPO")
    const without = await kit.want(
      InternalRepo,
      inputOf(
        kit,
        rows.filter(({ arch }) => arch === "src")
      )
    )
    expect(namesIn(kit, without.root, "x86_64", "repodata")).toContain("EMPTY_REPO")
    expect(textOf(kit, without.root, "x86_64", "rpmlist.jsonl")).toBe("")
  })

  it("reads no package again that a dist repo has read", async () => {
    const kit = engineKit({ path: fixturePath })
    const input = { ...inputOf(kit), debuginfo: true as const }
    await kit.want(DistRepo, {
      snapshot: input.snapshot,
      stamp: input.stamp,
      keys: [],
      missingSignatures: "allow",
      arches: ["aarch64", "x86_64"].map((arch) => ({ arch, rpmArches: [arch, "noarch"] })),
      topdir: "/mnt/koji",
      compression: "gz",
      changelogLimit: 10,
      openChecksum: true
    })
    expect(kit.ran().filter((node) => node.startsWith("package-metadata")).length).toBeGreaterThan(10)
    await kit.want(InternalRepo, input)
    expect(kit.ran().filter((node) => node.startsWith("package-metadata"))).toEqual([])
  })

  it("is the same however its work is scheduled, and runs nothing a second time", async () => {
    const kit = engineKit({ path: fixturePath })
    await kit.deterministic(InternalRepo, inputOf(kit))
    await kit.want(InternalRepo, inputOf(kit))
    kit.ran()
    await kit.want(InternalRepo, inputOf(kit))
    expect(kit.ran()).toEqual([])
  })

  it("does the work of one chunk where one rpm is another", async () => {
    const kit = engineKit({ path: fixturePath })
    await kit.want(InternalRepo, {
      ...inputOf(
        kit,
        rows.filter(({ version }) => version !== "1.1")
      ),
      arches: ["x86_64"]
    })
    kit.ran()
    await kit.want(InternalRepo, { ...inputOf(kit), arches: ["x86_64"] })
    expect(kit.ran().filter((node) => /-chunk|package|group /.test(node))).toEqual([
      "compress-group primary+filelists+other clockwork",
      "internal-listings-chunk clockwork",
      "internal-set-chunk clockwork",
      "package-metadata hello-1.1-1.x86_64"
    ])
  })

  /** Two repositories elsewhere, for x86_64. */
  const withExternal = (kit: Kit, first: ReadonlyArray<string>, second: ReadonlyArray<string>) => ({
    ...inputOf(kit),
    external: {
      x86_64: {
        mode: "koji" as const,
        origin: "file:///mnt/koji/",
        repos: [first, second].map((names, index) => {
          const { filelists, other, primary } = externalDocuments(names)
          const url = `http://example.org/${index}`
          return {
            url,
            primary: kit.give(Bytes, primary),
            filelists: kit.give(Bytes, filelists),
            other: kit.give(Bytes, other)
          }
        })
      }
    }
  })
  const placesOf = (kit: Kit, root: DigestOf<Directory>, arch: string) =>
    [...textOf(kit, root, arch, "repodata", "primary.xml.gz").matchAll(/<location ([^>]*)\/>/g)].map(
      ([, place]) => place
    )

  it("has packages of external repos in the arches that use some, and says where they are from", async () => {
    const kit = engineKit({ path: fixturePath })
    const { repositories, root } = await kit.want(InternalRepo, withExternal(kit, ["hello", "zoo"], ["zoo", "blocked"]))
    const own = pkglistOf(kit, root, "x86_64")
    const places = placesOf(kit, root, "x86_64")
    // of two versions in one repository only the higher one comes in
    expect(places.slice(0, -1)).toEqual(
      own.filter((path) => !path.includes("hello/1.0")).map((path) => `href="${path}"`)
    )
    expect(places.at(-1)).toBe('xml:base="http://example.org/0" href="zoo.rpm"')
    expect(repositories[1]?.rpms).toBe(own.length)
    const origins = textOf(kit, root, "x86_64", "repodata", "pkgorigins.gz").split("\n")
    expect(origins).toContain("zoo-1-1.x86_64\thttp://example.org/0/")
    expect(origins).toContain("hello-1.1-1.x86_64\tfile:///mnt/koji/")
    expect(placesOf(kit, root, "aarch64")).toHaveLength(pkglistOf(kit, root, "aarch64").length)
  })

  it("merges the same however its work is scheduled", async () => {
    const kit = engineKit({ path: fixturePath })
    await kit.deterministic(InternalRepo, withExternal(kit, ["zoo"], ["other"]))
  })

  it("does the work of one chunk where one external package is another", async () => {
    const kit = engineKit({ path: fixturePath })
    const many = Array.from({ length: 400 }, (_, at) => `package-${at}`)
    await kit.want(InternalRepo, withExternal(kit, many, []))
    kit.ran()
    await kit.want(InternalRepo, withExternal(kit, many.slice(1), []))
    expect(kit.ran().filter((node) => node.startsWith("compress-group"))).toHaveLength(1)
  })

  it("fails with the name of an external repo whose metadata is none", async () => {
    const kit = engineKit({ path: fixturePath })
    const input = withExternal(kit, ["zoo"], ["other"])
    const { x86_64 } = input.external
    const repos = x86_64.repos.map((repo) => ({ ...repo, primary: kit.give(Bytes, Buffer.from("BZh9")) }))
    const failure = await kit.failure(InternalRepo, { ...input, external: { x86_64: { ...x86_64, repos } } })
    expect(failure.message).toContain(
      "the metadata of the external repo http://example.org/0 cannot be used: primary is compressed with bzip2, which is not read"
    )
  })
})
