import { Either } from "effect"
import { describe, expect, it } from "vitest"
import type { InputOf } from "../../graph/index.ts"
import { ArchSet } from "../../rules/arch-set.ts"
import { Multilib, MultilibIncomplete, MultilibLists } from "../../rules/multilib.ts"
import { ChosenChunk, type TaggedRpm } from "../../rules/rpm-row.ts"
import { ChosenList, SignedLookup } from "../../rules/signed-lookup.ts"
import { parseMultilibConfig } from "../../src/koji/multilib.ts"
import { nvra } from "../../src/rpm/nevra.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixturePath, fixtureRows } from "./fixture-rows.ts"
import { snapshotOf } from "./rows.ts"

type Kit = ReturnType<typeof engineKit>

const rows = fixtureRows()

/** The fixtures of x86_64, with those of aarch64 as their counterparts: there are none of a 32-bit arch. */
const inputOf = async (kit: Kit, { of = rows, white = "", black = "" } = {}): Promise<InputOf<typeof Multilib>> => {
  const rpmArches = ["aarch64", "noarch", "x86_64"]
  const lookup = { snapshot: snapshotOf(kit, of), keys: [], missingSignatures: "allow" as const, rpmArches }
  const { chosen } = await kit.want(SignedLookup, lookup)
  const setOf = async (arch: string) => (await kit.want(ArchSet, { chosen, arch, rpmArches: [arch, "noarch"] })).set
  const text = `[runtime]\nwhite = ${white}\nblack = ${black}\n[devel]\nwhite =\nblack = ${black}\n`
  return {
    arch: "x86_64",
    chosen,
    set: await setOf("x86_64"),
    partner: "aarch64",
    partnerSet: await setOf("aarch64"),
    config: kit.give(MultilibLists, { text, ...Either.getOrThrow(parseMultilibConfig(text)) }),
    changelogLimit: 10
  }
}

const rpmsIn = (kit: Kit, set: Parameters<typeof kit.read<ReturnType<typeof ChosenList.decode>>>[1]) =>
  kit.read(ChosenList, set).flatMap(({ chunk }) => kit.read(ChosenChunk, chunk))

const without = (name: string, arch: string): ReadonlyArray<TaggedRpm> =>
  rows.filter((rpm) => rpm.name !== name || rpm.arch !== arch)

describe("multilib", () => {
  it("adds the counterparts of libraries and of what is built with, and what they need, with the reasons", async () => {
    const kit = engineKit({ path: fixturePath })
    const input = await inputOf(kit)
    const { additions, set } = await kit.want(Multilib, input)
    expect(additions).toEqual([
      {
        package: "libgreet-2.0-3.aarch64",
        reason: "for libgreet-2.0-3.x86_64: it has /usr/lib64/libgreet.so.2"
      },
      {
        package: "libgreet-devel-2.0-3.aarch64",
        reason: "for libgreet-devel-2.0-3.x86_64: it is a package to build with"
      }
    ])
    const own = rpmsIn(kit, input.set).map(nvra)
    const all = rpmsIn(kit, set)
    expect(all.map(nvra).toSorted()).toEqual([...own, ...additions.map((added) => added.package)].toSorted())
    expect(all.filter(({ multilib }) => multilib).map(nvra)).toEqual(additions.map((added) => added.package))
  })

  it("follows dependencies to packages that nobody selected, and leaves out what is there already", async () => {
    const kit = engineKit({ path: fixturePath })
    // libgreet recommends demo-release, which is noarch; libgreet-devel needs libgreet
    const { additions } = await kit.want(Multilib, await inputOf(kit, { black: "libgreet" }))
    expect(additions).toEqual([
      {
        package: "libgreet-2.0-3.aarch64",
        reason: "libgreet-devel-2.0-3.aarch64 requires libgreet(aarch-64) = 2.0-3"
      },
      expect.objectContaining({ package: "libgreet-devel-2.0-3.aarch64" })
    ])
  })

  it("adds nothing where nothing is selected", async () => {
    const kit = engineKit({ path: fixturePath })
    const input = await inputOf(kit, { black: "libgreet libgreet-devel" })
    expect(await kit.want(Multilib, input)).toEqual({ set: input.set, additions: [] })
  })

  it("names every counterpart and every dependency that is not there", async () => {
    const kit = engineKit({ path: fixturePath })
    const input = await inputOf(kit, { of: without("libgreet", "aarch64"), white: "hello" })
    const { failures } = await kit.failure(Multilib, input)
    expect(
      failures.map(({ error }) => (error instanceof MultilibIncomplete ? error.message.split("\n") : error))
    ).toEqual([
      [
        "libgreet-2.0-3.aarch64 is not among the aarch64 packages (for libgreet-2.0-3.x86_64: it has /usr/lib64/libgreet.so.2); tag a build that has it, or name the package on the black list",
        ...["hello-1.0-1", "hello-1.1-1"].flatMap((nvr) =>
          ["libgreet(aarch-64) >= 2.0", "libgreet.so.2()(64bit)"].map(
            (wanted) => `${nvr}.aarch64 requires ${wanted}, which nothing provides among the aarch64 packages`
          )
        ),
        "libgreet-devel-2.0-3.aarch64 requires libgreet(aarch-64) = 2.0-3, which nothing provides among the aarch64 packages"
      ]
    ])
  })

  it("decides anew only for the chunk that changed", async () => {
    const kit = engineKit({ path: fixturePath })
    await kit.want(Multilib, await inputOf(kit, { of: without("minish", "x86_64") }))
    kit.ran()
    await kit.want(Multilib, await inputOf(kit))
    const ran = kit.ran().filter((node) => !/^(signed-lookup|arch-set|package-metadata)/.test(node))
    expect(ran).toEqual(["chunk-facts minish", "multilib x86_64", "multilib-select minish", "read-facts minish"])
  })
})
