import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { digestOf } from "../../graph/index.ts"
import { ChunkFacts, Facts } from "../../rules/package-facts.ts"
import { ChosenChunk } from "../../rules/rpm-row.ts"
import { fileName } from "../../src/rpm/nevra.ts"
import { runTool, sortedLines } from "../kit/clients.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixture } from "../kit/fixtures.ts"
import { describeWithTools } from "../kit/oracle.ts"
import { fixturePath, fixtureRows } from "./fixture-rows.ts"

type Kit = ReturnType<typeof engineKit>

const noPackage = digestOf(readFileSync(import.meta.filename))

const rpms = fixtureRows()
  .filter(({ arch, name }) => arch === "x86_64" && /^libgreet/.test(name))
  .map(({ primary, signatures: _, ...facts }) => ({ ...facts, sigkey: null, file: primary, multilib: false }))

const inputOf = (kit: Kit, of = rpms) => ({ chunk: kit.give(ChosenChunk, of), first: "libgreet", changelogLimit: 10 })

describeWithTools("rpm")("the facts of a chunk's packages", () => {
  it("are what rpm says that each offers and has", async () => {
    const kit = engineKit({ path: fixturePath })
    const facts = kit.read(Facts, await kit.want(ChunkFacts, inputOf(kit)))
    expect(facts.map(({ name }) => name)).toEqual(rpms.map(({ name }) => name))
    for (const [at, rpm] of rpms.entries()) {
      const file = fixture("unsigned", fileName(rpm))
      const query = async (format: string) =>
        sortedLines((await runTool("rpm", ["-qp", "--nosignature", "--qf", format, file])).stdout)
      expect(facts[at]?.provides.map(({ name }) => name).toSorted()).toEqual(await query("[%{PROVIDENAME}\\n]"))
      expect(facts[at]?.files.toSorted()).toEqual(await query("[%{FILENAMES}\\n]"))
    }
  })
})

describe("chunk-facts", () => {
  it("reads no package again that is read for its metadata, and is named after its chunk", async () => {
    const kit = engineKit({ path: fixturePath })
    await kit.want(ChunkFacts, inputOf(kit))
    expect(kit.ran().filter((node) => !node.startsWith("package-metadata"))).toEqual([
      "chunk-facts libgreet",
      "read-facts libgreet"
    ])
    await kit.want(ChunkFacts, inputOf(kit, rpms.slice(1)))
    expect(kit.ran()).toEqual(["chunk-facts libgreet", "read-facts libgreet"])
  })

  it("leaves out packages that cannot be read: their repository fails with them", async () => {
    const kit = engineKit({ path: (digest) => (digest === noPackage ? import.meta.filename : fixturePath(digest)) })
    const [first, ...others] = rpms
    if (first === undefined) throw new Error("no fixture")
    const facts = await kit.want(ChunkFacts, inputOf(kit, [{ ...first, file: noPackage }, ...others]))
    expect(kit.read(Facts, facts).map(({ name }) => name)).toEqual(others.map(({ name }) => name))
  })
})
