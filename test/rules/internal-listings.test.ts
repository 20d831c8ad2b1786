import { describe, expect, it } from "vitest"
import { InternalListings } from "../../rules/internal-listings.ts"
import { InternalSet } from "../../rules/internal-set.ts"
import type { TaggedRpm } from "../../rules/rpm-row.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixtureRows } from "./fixture-rows.ts"
import { ropeOf } from "./read-directory.ts"
import { snapshotOf, taggedRpm } from "./rows.ts"

type Kit = ReturnType<typeof engineKit>

const rows = fixtureRows()

const listed = async (kit: Kit, of: ReadonlyArray<TaggedRpm>) => {
  const { set } = await kit.want(InternalSet, { snapshot: snapshotOf(kit, of), arch: "x86_64" })
  kit.ran()
  const { pkglist, rpmlist } = await kit.want(InternalListings, { set })
  const linesOf = (rope: typeof pkglist) => ropeOf(kit, rope).toString().split("\n").slice(0, -1)
  return { pkglist: linesOf(pkglist), rpmlist: linesOf(rpmlist).map((line): unknown => JSON.parse(line)) }
}

describe("the lists of an internal repo", () => {
  it("have each package by its path through the link, and by what the hub says of it", async () => {
    const rpm = taggedRpm({ name: "bash", build: { name: "shells" }, epoch: 1, keys: { aaaa0001: "written" } })
    const { pkglist, rpmlist } = await listed(engineKit(), [rpm])
    expect(pkglist).toEqual(["toplink/packages/shells/1.0/1/x86_64/bash-1.0-1.x86_64.rpm"])
    expect(rpmlist).toEqual([
      expect.objectContaining({ id: rpm.id, name: "bash", version: "1.0", release: "1", epoch: 1, arch: "x86_64" })
    ])
    expect(rpmlist[0]).toMatchObject({ build_id: rpm.buildId, payloadhash: rpm.payloadhash, size: rpm.size })
    expect(rpmlist[0]).not.toHaveProperty("sigkey")
  })

  it("list the same packages in the same order", async () => {
    const { pkglist, rpmlist } = await listed(engineKit(), rows)
    expect(pkglist).toHaveLength(11)
    expect(rpmlist).toMatchObject(pkglist.map((path) => ({ name: /\/([^/]*)-[^-]*-[^-]*$/.exec(path)?.[1] })))
  })

  it("of nothing are empty", async () => {
    expect(await listed(engineKit(), [])).toEqual({ pkglist: [], rpmlist: [] })
  })

  it("are written anew for the chunk that changed only", async () => {
    const kit = engineKit()
    await listed(
      kit,
      rows.filter(({ version }) => version !== "1.1")
    )
    await listed(kit, rows)
    expect(kit.ran()).toEqual(["internal-listings", "internal-listings-chunk clockwork"])
  })
})
