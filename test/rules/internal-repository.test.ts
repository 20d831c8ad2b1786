import { describe, expect, it } from "vitest"
import { Bytes, type InputOf } from "../../graph/index.ts"
import { InternalRepository } from "../../rules/internal-repository.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { externalDocuments } from "./external-documents.ts"
import { fixturePath, fixtureRows } from "./fixture-rows.ts"
import { namesIn, textOf } from "./read-directory.ts"
import { snapshotOf } from "./rows.ts"

type Kit = ReturnType<typeof engineKit>

const inputOf = (kit: Kit, rows = fixtureRows()): InputOf<typeof InternalRepository> => ({
  arch: "x86_64",
  snapshot: snapshotOf(kit, rows),
  stamp: { event: 7, time: 1_700_000_000 },
  blocklist: kit.give(Bytes, Buffer.from("blocked\n")),
  compression: "gz",
  changelogLimit: 10,
  openChecksum: true
})

describe("one arch of an internal repo", () => {
  it("has the lists, the blocked names and the metadata, and a link to the packages", async () => {
    const kit = engineKit({ path: fixturePath })
    const { rpms, tree, warnings } = await kit.want(InternalRepository, inputOf(kit))
    expect(namesIn(kit, tree)).toEqual(["blocklist", "pkglist", "repodata", "rpmlist.jsonl", "toplink -> topdir"])
    expect(textOf(kit, tree, "blocklist")).toBe("blocked\n")
    expect(textOf(kit, tree, "pkglist").split("\n")).toHaveLength(rpms + 1)
    expect(warnings).toEqual([])
  })

  it("of no package has Koji's mark of that, unless external repos may have some", async () => {
    const kit = engineKit({ path: fixturePath })
    const input = { ...inputOf(kit, []), arch: "s390x" }
    const { rpms, tree } = await kit.want(InternalRepository, input)
    expect(rpms).toBe(0)
    expect(namesIn(kit, tree, "repodata")).toContain("EMPTY_REPO")
    const { filelists, other, primary } = externalDocuments(["zoo"])
    const repo = {
      url: "http://example.org",
      primary: kit.give(Bytes, primary),
      filelists: kit.give(Bytes, filelists),
      other: kit.give(Bytes, other)
    }
    const external = { mode: "bare" as const, origin: "file:///mnt/koji/", repos: [repo] }
    const filled = await kit.want(InternalRepository, { ...input, external })
    expect(namesIn(kit, filled.tree, "repodata")).not.toContain("EMPTY_REPO")
  })

  it("makes nothing but its folder anew where other names are blocked, and no external repo is in it", async () => {
    const kit = engineKit({ path: fixturePath })
    const input = inputOf(kit)
    await kit.want(InternalRepository, input)
    kit.ran()
    await kit.want(InternalRepository, { ...input, blocklist: kit.give(Bytes, Buffer.from("")) })
    expect(kit.ran()).toEqual(["internal-repository x86_64"])
  })
})
