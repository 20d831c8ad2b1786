import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Bytes, type Digest, digestOf } from "../../graph/index.ts"
import { Rope } from "../../rules/rope.ts"
import type { TaggedRpm } from "../../rules/rpm-row.ts"
import { BrokenPackages, SetMetadata } from "../../rules/set-metadata.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixtureKeys } from "../kit/fixtures.ts"
import { fixturePath, fixtureRows, fixtureSet } from "./fixture-rows.ts"

const rows = fixtureRows()

describe("the metadata of a set", () => {
  /** The packages that primary.xml would list. */
  const primaryOf = async (kit: ReturnType<typeof engineKit>, set: Awaited<ReturnType<typeof fixtureSet>>) => {
    const metadata = await kit.want(SetMetadata, { set, changelogLimit: 10, compression: "gz" })
    const groups = kit.read(Rope, metadata.primary.groups).map((group) => gunzipSync(kit.read(Bytes, group)))
    return { ...metadata, text: Buffer.concat(groups).toString() }
  }

  it("lists each rpm of the set, in its order, where Koji's layout has it", async () => {
    const kit = engineKit({ path: fixturePath })
    const { packages, text, warnings } = await primaryOf(kit, await fixtureSet(kit))
    expect([...text.matchAll(/<location href="(.*)"/g)].map(([, href]) => href)).toEqual([
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
    expect([packages, warnings]).toEqual([12, []])
  })

  it("takes the file's time from the build time, whatever the clock of this machine says", async () => {
    const kit = engineKit({ path: fixturePath })
    const { text } = await primaryOf(kit, await fixtureSet(kit))
    const [, time] = /<time file="(\d+)"/.exec(text) ?? []
    expect(Number(time)).toBe(rows.find(({ name }) => name === "clockwork")?.buildtime)
  })

  it("reads the packages of changed chunks only, and of those only the new ones", async () => {
    const kit = engineKit({ path: fixturePath })
    const before = rows.filter(({ version }) => version !== "1.1")
    await primaryOf(kit, await fixtureSet(kit, { rows: before }))
    kit.ran()
    await primaryOf(kit, await fixtureSet(kit))
    expect(kit.ran().filter((node) => /^(package-metadata|metadata-run)/.test(node))).toEqual([
      "metadata-run clockwork",
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

  const metadataOf = async (
    kit: ReturnType<typeof engineKit>,
    rows: ReadonlyArray<TaggedRpm>,
    keys: ReadonlyArray<string>
  ) => kit.want(SetMetadata, { set: await fixtureSet(kit, { rows, keys }), changelogLimit: 10, compression: "gz" })

  it("is left out, with every such package of every chunk named", async () => {
    const names = ["hello", "libgreet", "weather"]
    const { broken, packages } = await metadataOf(
      kitWithBroken(),
      rows.filter(({ version }) => version !== "1.1").map((rpm) => (names.includes(rpm.name) ? breakRow(rpm) : rpm)),
      []
    )
    const reason = expect.stringContaining("")
    // hello and libgreet are in one chunk, weather in another
    expect(broken).toEqual([
      { package: "hello-1.0-1.x86_64", reason },
      { package: "libgreet-2.0-3.x86_64", reason },
      { package: "weather-2.0~rc1-1.x86_64", reason }
    ])
    expect(packages).toBe(8)
    expect(new BrokenPackages({ packages: broken }).message).toMatch(
      /hello-1\.0-1\.x86_64 cannot be listed: .*; untag its build or import it anew/
    )
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
    const { broken } = await metadataOf(kitWithBroken(), swapped, [fixtureKeys.a])
    expect(broken).toEqual([
      {
        package: "libgreet-2.0-3.x86_64",
        reason: `the copy kept for key ${fixtureKeys.a} is signed with ${fixtureKeys.b}`
      },
      { package: "minish-5-2.x86_64", reason: `the copy kept for key ${fixtureKeys.a} is unsigned` }
    ])
  })

  it("does not keep the others from being read and kept", async () => {
    const kit = kitWithBroken()
    const [first] = rows
    const bad = rows.map((rpm) => (rpm.name === first?.name ? breakRow(rpm) : rpm))
    await metadataOf(kit, bad, [])
    kit.ran()
    await metadataOf(kit, rows, [])
    expect(kit.ran().filter((node) => node.startsWith("package-metadata"))).toEqual([
      "package-metadata clockwork-3.2-4.x86_64"
    ])
  })
})
