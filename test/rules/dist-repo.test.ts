import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { rulesUnder } from "../../graph/index.ts"
import { Directory } from "../../rules/directory.ts"
import { DistRepo } from "../../rules/dist-repo.ts"
import type { TaggedRpm } from "../../rules/rpm-row.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixtureKeys } from "../kit/fixtures.ts"
import { fixturePath, fixtureRows } from "./fixture-rows.ts"
import { snapshotOf } from "./rows.ts"

type Kit = ReturnType<typeof engineKit>

const rows = fixtureRows()
const x86_64 = { arch: "x86_64", rpmArches: ["amd64", "ia32e", "x86_64", "noarch"] }
const aarch64 = { arch: "aarch64", rpmArches: ["aarch64", "noarch"] }
const source = { arch: "src", rpmArches: ["src"] }

const options = {
  stamp: { event: 7, time: 1_700_000_000 },
  keys: [fixtureKeys.a, fixtureKeys.b],
  missingSignatures: "allow" as const,
  arches: [aarch64, source, x86_64],
  topdir: "/mnt/koji",
  compression: "gz" as const,
  changelogLimit: 10,
  openChecksum: true
}

const inputOf = (kit: Kit, rpms: ReadonlyArray<TaggedRpm> = rows) => ({ snapshot: snapshotOf(kit, rpms), ...options })

describe("dist-repo", () => {
  it("makes a repository for each arch, in the order asked for", async () => {
    const kit = engineKit({ path: fixturePath })
    const { repositories, unsigned } = await kit.want(DistRepo, inputOf(kit))
    expect(repositories.map(({ arch, rpms }) => [arch, rpms])).toEqual([
      ["aarch64", 12],
      ["src", 9],
      ["x86_64", 12]
    ])
    expect(unsigned.map(({ nvra }) => nvra)).toEqual(["scratchpad-0.1-1.noarch", "scratchpad-0.1-1.src"])
    for (const { tree } of repositories) {
      expect(kit.read(Directory, tree).entries.map(({ name }) => name)).toEqual([
        "Packages",
        "kojipkgs",
        "pkglist",
        "repodata"
      ])
    }
  })

  it("looks at nothing that no wanted arch has", async () => {
    const kit = engineKit({ path: fixturePath })
    const input = { ...inputOf(kit), arches: [source] }
    const { unsigned } = await kit.want(DistRepo, input)
    expect(unsigned.map(({ nvra }) => nvra)).toEqual(["scratchpad-0.1-1.src"])
  })

  it("fails before it reads a package where a signature is missing", async () => {
    const kit = engineKit({ path: fixturePath })
    const failure = await kit.failure(DistRepo, { ...inputOf(kit), missingSignatures: "fail" })
    expect(failure.message).toContain("2 rpms are not signed with 69c29eff nor fafdf4f9")
    expect(failure.message).toContain("wanted by dist-repo")
    expect(kit.ran().filter((node) => !node.startsWith("signed-lookup-chunk"))).toEqual([])
  })

  it("is the same however its work is scheduled and whatever the time of day", async () => {
    const kit = engineKit({ path: fixturePath })
    const { repositories } = await kit.deterministic(DistRepo, inputOf(kit))
    expect(repositories).toHaveLength(3)
  })

  it("is the same whatever the order in which the source lists the rpms", async () => {
    const kit = engineKit({ path: fixturePath })
    const shuffled = fc.sample(fc.shuffledSubarray([...rows], { minLength: rows.length }), 3)
    for (const rpms of shuffled) {
      expect(inputOf(kit, rpms)).toEqual(inputOf(kit))
    }
  })

  it("runs nothing a second time", async () => {
    const kit = engineKit({ path: fixturePath })
    await kit.want(DistRepo, inputOf(kit))
    kit.ran()
    await kit.want(DistRepo, inputOf(kit))
    expect(kit.ran()).toEqual([])
  })

  it("gives two tags of one content one result, but for the date", async () => {
    const kit = engineKit({ path: fixturePath })
    const trees = async (stamp: { readonly event: number; readonly time: number }) =>
      (await kit.want(DistRepo, { ...inputOf(kit), stamp })).repositories.map(({ tree }) => tree)
    const [one, sameTime, later] = [
      await trees({ event: 7, time: 1_700_000_000 }),
      await trees({ event: 9, time: 1_700_000_000 }),
      await trees({ event: 9, time: 1_700_000_001 })
    ]
    expect(sameTime).toEqual(one)
    expect(later).not.toEqual(one)
  })

  it("carries no path of a package in a key: only the topdir, and of the rules only those that print it", () => {
    const takesTopdir = [...rulesUnder(DistRepo).values()].filter((rule) =>
      JSON.stringify(rule.input).includes("topdir")
    )
    expect(takesTopdir.map(({ name }) => name).toSorted()).toEqual([
      "dist-repo",
      "groundwork",
      "listings",
      "listings-chunk",
      "repository"
    ])
  })

  it("explains a build that was replaced by what moved in the tag", async () => {
    const kit = engineKit({ path: fixturePath })
    const only = (version: string) => rows.filter((rpm) => rpm.name !== "hello" || rpm.version === version)
    await kit.want(DistRepo, inputOf(kit, only("1.0")))
    await kit.want(DistRepo, inputOf(kit, only("1.1")))
    const { root } = await kit.explain()
    const reason = root?.outcome._tag === "Ran" ? root.outcome.reason : undefined
    expect(reason).toMatchObject({
      _tag: "InputChanged",
      changes: [
        {
          field: "snapshot",
          differences: [
            { kind: "replaced", subject: "hello", before: "hello-1.0-1", after: "hello-1.1-1", detail: "3 rpms" }
          ]
        }
      ]
    })
  })
})
