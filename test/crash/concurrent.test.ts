import { readlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { contentOf, type ExportRig, exportRig, readersView } from "../kit/export-rig.ts"
import { fixtureKeys } from "../kit/fixtures.ts"
import { distgraph, distgraphDone, type Place } from "./cli.ts"
import { contentByTheHub, expectNothingLeftOver, expectWholeRepos } from "./whole-repos.ts"

const rigs: Array<ExportRig> = []
const newRig = async (): Promise<ExportRig> => {
  const rig = await exportRig({ in: tmpdir() })
  rigs.push(rig)
  return rig
}
let rig: ExportRig
beforeEach(async () => {
  rig = await newRig()
})
afterEach(() => {
  for (const used of rigs.splice(0)) used.close()
})

/** Runs command lines at the same time; all must end well. Gives the id of each one's repo. */
const atOnce = async (place: Place, lines: ReadonlyArray<ReadonlyArray<string>>): Promise<ReadonlyArray<number>> => {
  const ended = await Promise.all(lines.map((line) => distgraph(place, line).finished))
  expect(
    ended.map(({ code }) => code),
    ended.map(({ stderr }) => stderr).join("\n")
  ).toEqual(lines.map(() => 0))
  return ended.map(({ stdout }) => Number(/^repo (\d+): /.exec(stdout)?.[1]))
}

/** Checks that the repos of a tag are byte for byte what an export from scratch makes of the same request. */
const expectAsFromScratch = async (tag: string, keys: ReadonlyArray<string>, ids: ReadonlyArray<number>) => {
  const { repo } = await rig.publish({ tag, keys, force: true }, { store: join(rig.folder, "fresh", tag, ...keys) })
  for (const id of ids) {
    expect(readersView(rig.tagDir(tag), id)).toEqual(readersView(rig.tagDir(tag), repo.id))
  }
}

const distinct = (ids: ReadonlyArray<number>) => new Set(ids).size

describe("exports at the same time over one store and one topdir", () => {
  for (const count of [2, 4]) {
    it(`of one tag, ${count} of them, from an empty store: each makes a whole repo of its own`, async () => {
      const lines = Array.from({ length: count }, () => ["dist-repo", "demo", fixtureKeys.a, "--force"])
      const ids = await atOnce(rig, lines)
      expect(distinct(ids)).toBe(count)
      const { content, latest } = await expectWholeRepos(rig)
      expect(latest).toBe(Math.max(...ids))
      expect(content).toEqual(await contentByTheHub(rig))
      await expectNothingLeftOver(rig)
      await expectAsFromScratch("demo", [fixtureKeys.a], ids)
    })
  }

  it("of one tag that changed, without --force: one of them makes a repo, the others find it", async () => {
    const ended = await Promise.all(
      Array.from({ length: 3 }, () => distgraph(rig, ["dist-repo", "demo", fixtureKeys.a]).finished)
    )
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0])
    expect(
      ended.map(({ stdout }) => /^(repo 1: |demo is unchanged since repo 1 )/.exec(stdout)?.[1]).toSorted()
    ).toEqual(["demo is unchanged since repo 1 ", "demo is unchanged since repo 1 ", "repo 1: "])
    expect(await rig.repoStates()).toEqual(["1 READY"])
  })

  it.each(["hardlink", "shared"])("of different tags: each has what is its own (%s)", async (layout) => {
    await rig.hub((hub) =>
      Effect.gen(function* () {
        for (const [tag, builds] of [
          ["first", ["hello-1.0-1", "minish-5-2"]],
          ["second", ["hello-1.1-1", "minish-5-2"]],
          ["third", ["libgreet-2.0-3", "hello-1.0-1", "weather-2.0~rc1-1"]]
        ] as const) {
          yield* hub.addTag(tag, { arches: "x86_64 aarch64" })
          yield* hub.addPackages(tag, ["hello", "minish", "libgreet", "weather"])
          yield* hub.tagBuild(tag, builds)
        }
      })
    )
    const tags = ["first", "second", "third", "demo"] as const
    const ids = await atOnce(
      rig,
      tags.map((tag) => ["dist-repo", tag, fixtureKeys.a, "--layout", layout])
    )
    expect(distinct(ids)).toBe(4)
    for (const [index, tag] of tags.entries()) {
      const { content, latest } = await expectWholeRepos(rig, tag)
      expect(latest).toBe(ids[index])
      expect(content).toEqual(await contentByTheHub(rig, tag))
      await expectNothingLeftOver(rig, tag)
      await expectAsFromScratch(tag, [fixtureKeys.a], [latest])
    }
  })

  it("with different keys for the same packages: each lists and holds the copies of its own key", async () => {
    await rig.hub((hub) =>
      Effect.gen(function* () {
        yield* hub.addTag("both-keys", { arches: "x86_64 aarch64" })
        yield* hub.addPackages("both-keys", ["hello", "libgreet"])
        yield* hub.tagBuild("both-keys", ["hello-1.0-1", "libgreet-2.0-3"])
      })
    )
    const keys = [fixtureKeys.a, fixtureKeys.b, fixtureKeys.a, fixtureKeys.b]
    const ids = await atOnce(
      rig,
      keys.map((key) => ["dist-repo", "both-keys", key, "--force"])
    )
    expect(distinct(ids)).toBe(4)
    await expectWholeRepos(rig, "both-keys")
    for (const key of [fixtureKeys.a, fixtureKeys.b]) {
      const mine = ids.filter((_, index) => keys[index] === key)
      await expectAsFromScratch("both-keys", [key], mine)
    }
    const hello = (id = 0) =>
      contentOf(join(rig.tagDir("both-keys"), String(id)))["x86_64/Packages/h/hello-1.0-1.x86_64.rpm"]
    expect(hello(ids[0])).not.toBe(hello(ids[1]))
  })

  it("while builds are tagged and untagged: every repo is of one moment, and the last is of the end", async () => {
    const exporting = Array.from({ length: 3 }, () => ["dist-repo", "demo", fixtureKeys.a])
    const tagging = ["tag-build", "demo", "hello-1.1-1"]
    await Promise.all([
      atOnce(rig, [...exporting, tagging]),
      rig.hub((hub) =>
        Effect.gen(function* () {
          for (const build of ["weather-2.0~rc1-1", "minish-5-2"]) {
            yield* hub.untagBuild("demo", [build])
            yield* Effect.sleep("100 millis")
          }
        })
      )
    ])
    await expectWholeRepos(rig)
    const { stdout } = await distgraphDone(rig, ["dist-repo", "demo", fixtureKeys.a])
    expect(stdout).toMatch(/^repo \d+: |^demo is unchanged since repo/)
    const { content, latest, rows } = await expectWholeRepos(rig)
    expect(content).toEqual(await contentByTheHub(rig))
    const newest = Math.max(...rows.map(({ createEvent }) => createEvent))
    expect(rows.find(({ id }) => id === latest)?.createEvent).toBe(newest)
    await expectNothingLeftOver(rig)
  })
})

describe("exports at the same time over one store and two topdirs", () => {
  it("are each right, though they share their packages' metadata", async () => {
    const other = await newRig()
    await other.hub((hub) => hub.untagBuild("demo", ["hello-1.0-1"]))
    const demo = ["dist-repo", "demo", fixtureKeys.a]
    const places = [rig, other, rig, other].map(({ topdir }) => ({ topdir, store: rig.store }))
    const ended = await Promise.all(places.map((place) => distgraph(place, [...demo, "--force"]).finished))
    expect(
      ended.map(({ code }) => code),
      ended.map(({ stderr }) => stderr).join("\n")
    ).toEqual([0, 0, 0, 0])
    for (const one of [rig, other]) {
      const { content } = await expectWholeRepos(one)
      expect(content).toEqual(await contentByTheHub(one))
      expect(readlinkSync(join(one.tagDir(), "latest"))).toBe("2")
      await expectNothingLeftOver(one)
      const { repo } = await one.publish({ force: true }, { store: join(one.folder, "fresh") })
      expect(contentOf(join(one.tagDir(), "1/x86_64"))).toEqual(contentOf(join(repo.path, "x86_64")))
    }
  })
})
