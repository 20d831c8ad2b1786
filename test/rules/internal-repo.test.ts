import { describe, expect, it } from "vitest"
import { Bytes, type DigestOf } from "../../graph/index.ts"
import type { Directory } from "../../rules/directory.ts"
import { DistRepo } from "../../rules/dist-repo.ts"
import { InternalRepo } from "../../rules/internal-repo.ts"
import type { TaggedRpm } from "../../rules/rpm-row.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { externalDocuments } from "./external-documents.ts"
import { fixturePath, fixtureRows } from "./fixture-rows.ts"
import { namesIn, textOf } from "./read-directory.ts"
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

const pkglistOf = (kit: Kit, root: DigestOf<Directory>, arch: string): ReadonlyArray<string> =>
  textOf(kit, root, arch, "pkglist").split("\n").slice(0, -1)

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
})
