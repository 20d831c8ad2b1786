import { readFileSync } from "node:fs"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { Blobs, Bytes, type Digest, hashOf, sizeOf } from "../../graph/index.ts"
import { Directory } from "../../rules/directory.ts"
import { type OlderPackage, writeOlderList } from "../../rules/older-packages.ts"
import type { TaggedRpm } from "../../rules/rpm-row.ts"
import { SetDeltas } from "../../rules/set-deltas.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { describeWithTools } from "../kit/oracle.ts"
import { fixturePath, fixtureRows, fixtureSet } from "./fixture-rows.ts"
import { taggedRpm } from "./rows.ts"

type Kit = ReturnType<typeof engineKit>

const options = { perRepository: 1, maxInstalledSize: 100_000_000, tool: "the one on PATH" }

/** The fixtures of one version of hello, and all others. */
const withHello = (version: string): ReadonlyArray<TaggedRpm> =>
  fixtureRows().filter((rpm) => rpm.name !== "hello" || rpm.version === version)

const olderList = (kit: Kit, packages: ReadonlyArray<OlderPackage>) =>
  Effect.runSync(
    Effect.provideService(writeOlderList(packages), Blobs, {
      read: () => Effect.dieMessage("a list is written without reading"),
      write: (bytes) => Effect.sync((): Digest => kit.give(Bytes, bytes))
    })
  )

/** The packages as they were imported. */
const imported = (rows: ReadonlyArray<TaggedRpm>): ReadonlyArray<OlderPackage> =>
  rows.map(({ primary, ...rpm }) => ({ ...rpm, file: primary }))

describeWithTools("makedeltarpm", "applydeltarpm")("the delta rpms of a repository", () => {
  it("are listed, and lie in drpms under the names of both editions", async () => {
    const kit = engineKit({ path: fixturePath })
    const set = await fixtureSet(kit, { rows: withHello("1.1") })
    const made = await kit.want(SetDeltas, { set, older: [olderList(kit, imported(withHello("1.0")))], ...options })
    const { entries } = kit.read(Directory, made.drpms)
    expect(entries.map(({ name, type }) => [name, type])).toEqual([["hello-1.0-1_1.1-1.x86_64.drpm", "file"]])
    const [drpm] = entries
    const xml = Buffer.from(kit.read(Bytes, made.prestodelta)).toString()
    expect(xml.match(/<newpackage/g)).toHaveLength(1)
    expect(xml).toContain('<newpackage name="hello" epoch="0" version="1.1" release="1" arch="x86_64">')
    expect(xml).toContain('<delta oldepoch="0" oldversion="1.0" oldrelease="1">')
    expect(xml).toContain("<filename>drpms/hello-1.0-1_1.1-1.x86_64.drpm</filename>")
    if (drpm?.type !== "file") throw new Error("no delta")
    expect(xml).toContain(`<size>${sizeOf(drpm.content)}</size>`)
    expect(xml).toContain(`<checksum type="sha256">${hashOf(drpm.content)}</checksum>`)
    expect(made.impossible).toEqual([])
  })

  it("are made once, whatever else comes into the repository", async () => {
    const kit = engineKit({ path: fixturePath })
    const older = [olderList(kit, imported(withHello("1.0")))]
    const rows = withHello("1.1")
    const set = await fixtureSet(kit, { rows: rows.filter(({ name }) => name !== "minish") })
    await kit.want(SetDeltas, { set, older, ...options })
    const grown = await fixtureSet(kit, { rows })
    kit.ran()
    await kit.want(SetDeltas, { set: grown, older, ...options })
    expect(kit.ran()).toEqual(["set-deltas"])
  })

  it("that the tool cannot make are told with its words, and the others are there", async () => {
    const kit = engineKit({ path: (digest) => (digest === broken.file ? import.meta.filename : fixturePath(digest)) })
    const bytes = kit.give(Bytes, readFileSync(import.meta.filename))
    const broken = { name: "minish", epoch: null, version: "4", release: "1", arch: "x86_64", file: bytes }
    const older = [olderList(kit, [...imported(withHello("1.0")), broken])]
    const set = await fixtureSet(kit, { rows: withHello("1.1") })
    const made = await kit.want(SetDeltas, { set, older, ...options })
    expect(kit.read(Directory, made.drpms).entries).toHaveLength(1)
    expect(made.impossible).toEqual([
      {
        package: "minish-5-2.x86_64",
        from: "minish-4-1.x86_64",
        reason: "makedeltarpm ends with exit code 1: minish-4-1.x86_64.rpm: not a rpm"
      }
    ])
  })
})

describe("a repository without a package that could have a delta", () => {
  const empty = '<?xml version="1.0" encoding="UTF-8"?>\n<prestodelta>\n</prestodelta>'

  it.each<[string, ReadonlyArray<ReadonlyArray<OlderPackage>>, number]>([
    ["there is no older repository", [], 1],
    ["the older repository has the same editions", [imported(withHello("1.1"))], 1],
    ["the older repository has newer editions", [imported([taggedRpm({ name: "hello", version: "9" })])], 1],
    ["all are too large", [imported(withHello("1.0"))], 0]
  ])("lists none: %s", async (_, older, maxInstalledSize) => {
    const kit = engineKit({ path: fixturePath })
    const set = await fixtureSet(kit, { rows: withHello("1.1") })
    const lists = older.map((packages) => olderList(kit, packages))
    const made = await kit.want(SetDeltas, { set, older: lists, ...options, maxInstalledSize })
    expect(Buffer.from(kit.read(Bytes, made.prestodelta)).toString()).toBe(empty)
    expect(kit.read(Directory, made.drpms).entries).toEqual([])
  })
})

describe("a list of older packages", () => {
  it("is the same whatever order they come in", () => {
    const kit = engineKit()
    const many = imported(
      Array.from({ length: 400 }, (_, at) => taggedRpm({ name: `package-${at}`, version: `${at % 7}` }))
    )
    expect(olderList(kit, many.toReversed())).toBe(olderList(kit, many))
  })
})
