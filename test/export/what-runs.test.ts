import { existsSync } from "node:fs"
import { tmpdir } from "node:os"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { Store } from "../../graph/index.ts"
import type { ExportEvent } from "../../src/export/dist-repo.ts"
import { dryRunDistRepo } from "../../src/export/dist-repo.ts"
import type { DistRepoRequest } from "../../src/export/request.ts"
import { memoryName } from "../../src/source/remembered-snapshot.ts"
import { type ExportRig, exportRig, rigRequest } from "../kit/export-rig.ts"
import { fixtureKeys } from "../kit/fixtures.ts"

let rig: ExportRig

beforeEach(async () => {
  rig = await exportRig({ in: existsSync("/dev/shm") ? "/dev/shm" : tmpdir() })
})
afterEach(() => {
  vi.useRealTimers()
  rig.close()
})

/** Exports, and gives the nodes that were computed, as `rule label`, sorted; also how many results were taken as they were. */
const exported = async (request: Partial<DistRepoRequest> = {}) => {
  const nodes: Array<string> = []
  let hits = 0
  const onEvent = (event: ExportEvent): void => {
    if (event._tag === "Finished") nodes.push(`${event.rule} ${event.label}`.trimEnd())
    if (event._tag === "Hits") hits += event.labels.length
  }
  const result = await rig.export(request, { onEvent })
  return { result, hits, ran: nodes.sort(), read: nodes.flatMap((node) => node.split("package-metadata ")[1] ?? []) }
}

const tagBuild = (...builds: ReadonlyArray<string>) => rig.hub((hub) => hub.tagBuild("demo", builds))
const untagBuild = (...builds: ReadonlyArray<string>) => rig.hub((hub) => hub.untagBuild("demo", builds))

describe("an export over an empty store", () => {
  it("reads each package once, those for all arches too", async () => {
    const { read } = await exported()
    expect(read.toSorted()).toEqual([
      "clockwork-3.2-4.aarch64",
      "clockwork-3.2-4.x86_64",
      "demo-release-42-1.noarch",
      "greet-doc-2.0-3.noarch",
      "hello-1.0-1.aarch64",
      "hello-1.0-1.x86_64",
      "libgreet-2.0-3.aarch64",
      "libgreet-2.0-3.x86_64",
      "libgreet-debuginfo-2.0-3.aarch64",
      "libgreet-debuginfo-2.0-3.x86_64",
      "libgreet-devel-2.0-3.aarch64",
      "libgreet-devel-2.0-3.x86_64",
      "minish-5-2.aarch64",
      "minish-5-2.x86_64",
      "weather-2.0~rc1-1.aarch64",
      "weather-2.0~rc1-1.x86_64"
    ])
  })
})

describe("an export of an unchanged tag", () => {
  it("evaluates nothing and makes no repo", async () => {
    const { result } = await exported()
    const again = await exported()
    expect(again).toMatchObject({ result: { _tag: "Unchanged", repo: { id: result.repo.id } }, ran: [], hits: 0 })
    expect(await rig.repoStates()).toEqual([`${result.repo.id} READY`])
  })

  it("makes a repo of one hit where it is forced", async () => {
    const { result } = await exported()
    const again = await exported({ force: true })
    expect(again).toMatchObject({ result: { _tag: "Published" }, ran: [], hits: 1 })
    expect(again.result.repo.id).toBeGreaterThan(result.repo.id)
  })

  it("is one of another tag's content, too: what the same builds came to is there already", async () => {
    await exported()
    await rig.hub((hub) => hub.addTag("twin", { arches: "x86_64 aarch64" }))
    await rig.hub((hub) => hub.addTagInheritance("twin", "demo"))
    const twin = await exported({ tag: "twin" })
    expect(twin.result._tag).toBe("Published")
    expect(twin.ran.filter((node) => !datedRules.test(node))).toEqual([])
  })
})

/** Those that carry a date: the root, and of each repository the plans, repomd.xml and the tree that has it. */
const datedRules = /^(dist-repo|repository \S+|repodata|repomd|tree)$/

describe("an export after a build was replaced", () => {
  it("reads the packages of that build only", async () => {
    await exported()
    await tagBuild("hello-1.1-1")
    const { ran, read } = await exported()
    expect(read.toSorted()).toEqual(["hello-1.1-1.aarch64", "hello-1.1-1.x86_64"])
    expect(ran).toContain("tree")
  })

  it("lists anew its chunk only", async () => {
    await exported()
    await tagBuild("hello-1.1-1")
    const chunks = (await exported()).ran.filter((node) => node.startsWith("listings-chunk"))
    // of each arch; sha256 of "minish" ends in six zero bits: a chunk begins there
    expect(chunks).toEqual(["listings-chunk clockwork", "listings-chunk clockwork"])
  })

  it("makes what carries a date, and nothing else, when the tag goes back to what it was", async () => {
    await exported()
    await tagBuild("hello-1.1-1")
    await exported()
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_000 })
    await untagBuild("hello-1.1-1")
    const { ran } = await exported()
    expect(ran).toEqual([
      "dist-repo",
      "repodata",
      "repodata",
      "repomd",
      "repomd",
      "repository aarch64",
      "repository x86_64",
      "tree",
      "tree"
    ])
  })

  it("has nothing to do with a build that no wanted arch has an rpm of", async () => {
    await exported({ arches: ["i686"] })
    await tagBuild("hello-1.1-1")
    const { read, result } = await exported({ arches: ["i686"] })
    expect([result._tag, read]).toEqual(["Published", []])
  })
})

describe("an export of a tag that shares builds with another", () => {
  it("reads none of their packages", async () => {
    await exported()
    await rig.hub((hub) => hub.addTag("other", { arches: "x86_64" }))
    await rig.hub((hub) => hub.addPackages("other", ["hello", "libgreet", "demo-release"]))
    await rig.hub((hub) => hub.tagBuild("other", ["hello-1.0-1", "hello-1.1-1", "libgreet-2.0-3", "demo-release-42-1"]))
    expect((await exported({ tag: "other" })).read).toEqual(["hello-1.1-1.x86_64"])
  })
})

describe("an export with other options", () => {
  const both = { keys: [fixtureKeys.b, fixtureKeys.a] }
  const resigned = [
    "greet-doc-2.0-3.noarch",
    "hello-1.0-1.aarch64",
    "hello-1.0-1.x86_64",
    "libgreet-2.0-3.aarch64",
    "libgreet-2.0-3.x86_64",
    "libgreet-debuginfo-2.0-3.aarch64",
    "libgreet-debuginfo-2.0-3.x86_64",
    "libgreet-devel-2.0-3.aarch64",
    "libgreet-devel-2.0-3.x86_64"
  ]

  it("reads again what another key is preferred for, and nothing when the keys change back", async () => {
    await exported()
    expect((await exported(both)).read.toSorted()).toEqual(resigned)
    const back = await exported()
    expect([back.result._tag, back.read]).toEqual(["Published", []])
  })

  it("reads nothing for another compression, another order of arches or the source packages left out", async () => {
    await exported({ withSrc: true })
    expect((await exported({ compression: "zstd" })).read).toEqual([])
    expect((await exported({ openChecksum: false })).read).toEqual([])
    expect((await exported({ arches: ["x86_64"] })).read).toEqual([])
    expect((await exported({ arches: ["x86_64", "aarch64", "noarch"] })).read).toEqual([])
  })

  it("evaluates nothing for a layout: it is a matter of publication", async () => {
    await exported()
    for (const layout of ["copy", "shared"] as const) {
      expect(await exported({ layout })).toMatchObject({ result: { _tag: "Published" }, ran: [], hits: 1 })
    }
  })

  it("stands by no repo of other options, although the packages are the same", async () => {
    const { result } = await exported()
    const now = await exported({ event: result._tag === "Published" ? result.snapshot.event : 0 })
    expect(now.result._tag).toBe("Published")
    // repo.json says which event was asked for, and only an export of now moves `latest` on
    expect((await exported()).result._tag).toBe("Published")
  })
})

describe("a tag that goes back to what an export of an old event has shown", () => {
  it("is published again, so that latest shows what the tag has", async () => {
    const first = await rig.publish()
    await tagBuild("hello-1.1-1")
    await rig.publish()
    await rig.publish({ event: first.snapshot.event })
    await untagBuild("hello-1.1-1")
    const now = await rig.publish()
    const latest = await rig.hub((hub) => hub.latestRepo("demo"))
    expect(latest?.id).toBe(now.repo.id)
  })
})

describe("a dry run", () => {
  it("tells what would run, and leaves nothing behind", async () => {
    const { result } = await exported()
    await tagBuild("hello-1.1-1")
    const { found, unchanged } = await rig.run(dryRunDistRepo(rigRequest))
    expect(unchanged).toBeNull()
    expect(JSON.stringify(found)).toContain("hello-1.1-1.x86_64")
    expect(JSON.stringify(found)).not.toContain("minish-5-2.x86_64")
    expect(await rig.repoStates()).toEqual([`${result.repo.id} READY`])
    expect((await exported()).read).toHaveLength(2)
  })

  it("does not remember what it read of the tag, as its chunks are gone with it", async () => {
    await exported()
    const memory = () =>
      rig.run(Effect.flatMap(Store, (store) => store.recall(memoryName(rig.topdir, "demo", rigRequest))))
    const before = await memory()
    expect(before).toBeDefined()
    await tagBuild("hello-1.1-1")
    await rig.run(dryRunDistRepo(rigRequest))
    expect(await memory()).toBe(before)
  })

  it("names the repo that stands where nothing changed", async () => {
    const { result } = await exported()
    expect(await rig.run(dryRunDistRepo(rigRequest))).toMatchObject({ unchanged: result.repo.id })
  })

  it("fails where the export would, naming all that is missing", async () => {
    await tagBuild("scratchpad-0.1-1", "forecast-0.9^git20240131.abc1234-2")
    const failure = rig.run(dryRunDistRepo(rigRequest))
    await expect(failure).rejects.toThrow(/2 rpms are not signed with 69c29eff/)
  })
})
