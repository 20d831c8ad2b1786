import { describe, expect, it } from "vitest"
import { DebuginfoSplit } from "../../rules/debuginfo-split.ts"
import { ChosenChunk } from "../../rules/rpm-row.ts"
import { ChosenList, type ChosenListDigest } from "../../rules/signed-lookup.ts"
import { isDebuginfo } from "../../src/koji/debuginfo.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixtureSet } from "./fixture-rows.ts"
import { taggedRpm } from "./rows.ts"

type Kit = ReturnType<typeof engineKit>

const namesIn = (kit: Kit, set: typeof ChosenListDigest.Type | null) =>
  (set === null ? [] : kit.read(ChosenList, set)).flatMap(({ chunk }) =>
    kit.read(ChosenChunk, chunk).map(({ name }) => name)
  )

const rowsOf = (...names: ReadonlyArray<string>) => names.map((name) => taggedRpm({ name }))

const many = Array.from({ length: 200 }, (_, at) => (at % 3 === 0 ? `lib${at}-debuginfo` : `lib${at}`))

describe("the debuginfo split", () => {
  it("puts every rpm into one of two lists, in the order of the whole", async () => {
    const kit = engineKit()
    const set = await fixtureSet(kit, { rows: rowsOf(...many) })
    const { debug, main } = await kit.want(DebuginfoSplit, { set })
    const all = namesIn(kit, set)
    expect(namesIn(kit, main)).toEqual(all.filter((name) => !isDebuginfo(name)))
    expect(namesIn(kit, debug)).toEqual(all.filter(isDebuginfo))
  })

  it("leaves no second list where there is no debug information", async () => {
    const kit = engineKit()
    const set = await fixtureSet(kit, { rows: rowsOf("a", "b") })
    expect(await kit.want(DebuginfoSplit, { set })).toEqual({ main: set, debug: null })
  })

  it("splits anew only the chunk in which something changed", async () => {
    const kit = engineKit()
    await kit.want(DebuginfoSplit, { set: await fixtureSet(kit, { rows: rowsOf(...many) }) })
    const set = await fixtureSet(kit, {
      rows: [...rowsOf(...many.slice(1)), taggedRpm({ name: "lib0-debuginfo", version: "9" })]
    })
    kit.ran()
    await kit.want(DebuginfoSplit, { set })
    expect(kit.ran().map((node) => node.split(" ")[0])).toEqual(["debuginfo-split", "debuginfo-split-chunk"])
  })
})
