import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Digest, digestOf } from "../../graph/index.ts"
import type { TaggedRpm } from "../../rules/rpm-row.ts"
import { BrokenPackages, MetadataList, MetadataRows, SetMetadata } from "../../rules/set-metadata.ts"
import { ChosenList } from "../../rules/signed-lookup.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixtureKeys } from "../kit/fixtures.ts"
import { fixturePath, fixtureRows, fixtureSet } from "./fixture-rows.ts"

const rows = fixtureRows()

describe("set-metadata", () => {
  it("has a row for each rpm of the set, in its order and on its cuts", async () => {
    const kit = engineKit({ path: fixturePath })
    const set = await fixtureSet(kit)
    const { metadata, rpms, warnings } = await kit.want(SetMetadata, { set, changelogLimit: 10 })
    const list = kit.read(MetadataList, metadata)
    const chosen = kit.read(ChosenList, set)
    const cuts = ({ first, level, rpms }: (typeof list | typeof chosen)[number]) => ({ first, level, rpms })
    expect(list.map(cuts)).toEqual(chosen.map(cuts))
    const hrefs = list.flatMap(({ chunk }) => kit.read(MetadataRows, chunk)).map(({ href }) => href)
    expect(hrefs).toEqual([
      "Packages/c/clockwork-3.2-4.x86_64.rpm",
      "Packages/d/demo-release-42-1.noarch.rpm",
      "Packages/f/forecast-0.9^git20240131.abc1234-2.noarch.rpm",
      "Packages/g/greet-doc-2.0-3.noarch.rpm",
      "Packages/h/hello-1.0-1.x86_64.rpm",
      "Packages/h/hello-1.1-1.x86_64.rpm",
      "Packages/l/libgreet-2.0-3.x86_64.rpm",
      "Packages/l/libgreet-debuginfo-2.0-3.x86_64.rpm",
      "Packages/l/libgreet-devel-2.0-3.x86_64.rpm",
      "Packages/m/minish-5-2.x86_64.rpm",
      "Packages/s/scratchpad-0.1-1.noarch.rpm",
      "Packages/w/weather-2.0~rc1-1.x86_64.rpm"
    ])
    expect([rpms, warnings]).toEqual([12, []])
  })

  it("takes the file's time from the build time, whatever the clock of this machine says", async () => {
    const kit = engineKit({ path: fixturePath })
    const { metadata } = await kit.want(SetMetadata, { set: await fixtureSet(kit), changelogLimit: 10 })
    const [first] = kit.read(MetadataList, metadata).flatMap(({ chunk }) => kit.read(MetadataRows, chunk))
    expect(first?.timeFile).toBe(rows.find(({ name }) => name === "clockwork")?.buildtime)
  })

  it("of an empty set is empty", async () => {
    const kit = engineKit({ path: fixturePath })
    const { metadata, rpms } = await kit.want(SetMetadata, {
      set: await fixtureSet(kit, { rows: [] }),
      changelogLimit: 10
    })
    expect([kit.read(MetadataList, metadata), rpms]).toEqual([[], 0])
  })

  it("reads the packages of changed chunks only, and of those only the new ones", async () => {
    const kit = engineKit({ path: fixturePath })
    const before = rows.filter(({ version }) => version !== "1.1")
    await kit.want(SetMetadata, { set: await fixtureSet(kit, { rows: before }), changelogLimit: 10 })
    kit.ran()
    await kit.want(SetMetadata, { set: await fixtureSet(kit), changelogLimit: 10 })
    expect(kit.ran().filter((node) => /^(package|chunk)-metadata/.test(node))).toEqual([
      "chunk-metadata clockwork",
      "package-metadata hello-1.1-1.x86_64"
    ])
  })
})

describe("a package that cannot be listed", () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "distgraph-broken-"))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const broken = new Map<Digest, string>()
  const breakRow = (rpm: TaggedRpm): TaggedRpm => {
    const bytes = Buffer.from(`${rpm.name} is not a package`)
    const path = join(folder, `${rpm.name}.rpm`)
    writeFileSync(path, bytes)
    broken.set(digestOf(bytes), path)
    return { ...rpm, primary: digestOf(bytes) }
  }
  const kitWithBroken = () => engineKit({ path: (digest) => broken.get(digest) ?? fixturePath(digest) })

  const failuresOf = async (rows: ReadonlyArray<TaggedRpm>, keys: ReadonlyArray<string>) => {
    const kit = kitWithBroken()
    const failure = await kit.failure(SetMetadata, { set: await fixtureSet(kit, { rows, keys }), changelogLimit: 10 })
    return {
      message: failure.message,
      errors: failure.failures.map(({ error }) => (error instanceof BrokenPackages ? error.packages : String(error)))
    }
  }

  it("fails, with every such package of every chunk named", async () => {
    const names = ["hello", "libgreet", "weather"]
    const { errors, message } = await failuresOf(
      rows.filter(({ version }) => version !== "1.1").map((rpm) => (names.includes(rpm.name) ? breakRow(rpm) : rpm)),
      []
    )
    const reason = expect.stringContaining("")
    // hello and libgreet are in one chunk, weather in another
    expect(errors).toEqual([
      [
        { nvra: "hello-1.0-1.x86_64", reason },
        { nvra: "libgreet-2.0-3.x86_64", reason }
      ],
      [{ nvra: "weather-2.0~rc1-1.x86_64", reason }]
    ])
    expect(message).toMatch(/hello-1\.0-1\.x86_64 cannot be listed: .*; untag its build or import it anew/)
  })

  it("is one whose signed copy is signed with another key, or with none", async () => {
    const copyOf = (rpm: TaggedRpm, copy: Digest): TaggedRpm => ({
      ...rpm,
      signatures: [{ sigkey: fixtureKeys.a, copy }]
    })
    const swapped = rows.map((rpm) => {
      const byB = rpm.signatures.find(({ sigkey }) => sigkey === fixtureKeys.b)?.copy
      if (rpm.name === "libgreet" && byB != null) return copyOf(rpm, byB)
      return rpm.name === "minish" ? copyOf(rpm, rpm.primary) : rpm
    })
    const { errors } = await failuresOf(swapped, [fixtureKeys.a])
    expect(errors).toEqual([
      [
        {
          nvra: "libgreet-2.0-3.x86_64",
          reason: `the copy kept for key ${fixtureKeys.a} is signed with ${fixtureKeys.b}`
        }
      ],
      [{ nvra: "minish-5-2.x86_64", reason: `the copy kept for key ${fixtureKeys.a} is unsigned` }]
    ])
  })

  it("does not keep the others from being read and kept", async () => {
    const kit = kitWithBroken()
    const [first] = rows
    const bad = rows.map((rpm) => (rpm.name === first?.name ? breakRow(rpm) : rpm))
    await kit.failure(SetMetadata, { set: await fixtureSet(kit, { rows: bad, keys: [] }), changelogLimit: 10 })
    kit.ran()
    await kit.want(SetMetadata, { set: await fixtureSet(kit, { keys: [] }), changelogLimit: 10 })
    expect(kit.ran().filter((node) => node.startsWith("package-metadata"))).toEqual([
      "package-metadata clockwork-3.2-4.x86_64"
    ])
  })
})
