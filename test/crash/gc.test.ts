import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { ageStore } from "../kit/aged-store.ts"
import { seeded } from "../kit/engine-scheduler.ts"
import { type ExportRig, exportRig, readersView } from "../kit/export-rig.ts"
import { fixtureKeys } from "../kit/fixtures.ts"
import { addLargeTag, largeTagRequest } from "../kit/large-tag.ts"
import { storedIn } from "../kit/stored.ts"
import { distgraph, distgraphDone } from "./cli.ts"
import { contentByTheHub, expectNothingLeftOver, expectWholeRepos } from "./whole-repos.ts"

let rig: ExportRig
beforeEach(async () => {
  rig = await exportRig({ in: tmpdir() })
})
afterEach(() => rig.close())

/** Keeps the newest state of each tag, and nothing else that nobody uses. */
const gc = ["gc", "--max-size", "1", "--keep-within", "0"] as const

const retag = (use: "tagBuild" | "untagBuild", build: string) => rig.hub((hub) => hub[use]("demo", [build]))

/** What an export computes, by the rule's name. */
const ranIn = async (store: string, tag: "demo" | "large" = "demo"): Promise<ReadonlyArray<string>> => {
  const ran: Array<string> = []
  const request = tag === "large" ? largeTagRequest : {}
  await rig.publish(
    { ...request, force: true },
    { store, onEvent: (event) => void (event._tag === "Finished" && ran.push(event.rule)) }
  )
  return ran
}

const newestRepo = async (): Promise<number> => (await rig.hub((hub) => hub.repos("demo"))).at(-1)?.id ?? 0

describe("a garbage collection that is killed before each single change that it makes to the store", () => {
  it("leaves a store that is whole, of which the newest state needs no computing and any other is made as ever", async () => {
    await addLargeTag(rig)
    await rig.publish(largeTagRequest)
    await rig.publish()
    await retag("untagBuild", "hello-1.0-1")
    await rig.publish()
    await retag("tagBuild", "hello-1.1-1")
    await rig.publish({ compression: "zstd" })
    const other = readersView(rig.tagDir(), await newestRepo())
    await rig.publish()
    const current = readersView(rig.tagDir(), await newestRepo())
    writeFileSync(join(rig.store, "v4/incoming/left"), "half a blo")
    ageStore(rig.store, 48)

    const kept = join(rig.folder, "kept")
    const restored = (store: string): void => {
      rmSync(store, { recursive: true, force: true })
      cpSync(kept, store, { recursive: true })
    }
    cpSync(rig.store, kept, { recursive: true })
    const preload = join(import.meta.dirname, "kill-gc-at-step.ts")
    const stepsFile = join(rig.folder, "steps")
    const counted = await distgraph(rig, gc, { preload, env: { STEPS_FILE: stepsFile } }).finished
    expect(counted.code, counted.stderr).toBe(0)
    const steps = readFileSync(stepsFile, "utf8").trimEnd().split("\n")
    const whole = storedIn(rig.store)
    expect(storedIn(kept).nodes.length - whole.nodes.length).toBeGreaterThan(20)
    expect(steps).toEqual(expect.arrayContaining(["COMMIT", "rmSync"]))
    expect(steps.some((step) => step.includes("incremental_vacuum"))).toBe(true)
    expect(steps.length).toBeGreaterThan(10)

    for (const [index, step] of steps.entries()) {
      restored(rig.store)
      const killed = distgraph(rig, gc, { preload, env: { KILL_AT_STEP: String(index + 1) } })
      expect((await killed.finished).signal, `${index} ${step}`).toBe("SIGKILL")
      storedIn(rig.store)

      const copy = join(rig.folder, "copy")
      rmSync(copy, { recursive: true, force: true })
      cpSync(rig.store, copy, { recursive: true })
      expect(await ranIn(copy), `${index} ${step}`).toEqual([])
      expect(await ranIn(copy, "large"), `${index} ${step}`).toEqual([])
      expect(readersView(rig.tagDir(), await newestRepo())).toEqual(current)
      await rig.publish({ compression: "zstd", force: true }, { store: copy })
      expect(readersView(rig.tagDir(), await newestRepo()), `${index} ${step}`).toEqual(other)

      await distgraphDone(rig, gc)
      const after = storedIn(rig.store)
      expect(after.nodes, `${index} ${step}`).toEqual(whole.nodes)
      expect([after.small, after.large]).toEqual([whole.small, whole.large])
    }
  })
})

const seed = Number(process.env["DISTGRAPH_SEED"] ?? Math.trunc(Math.random() * 2 ** 31))

describe(`garbage collections and exports at the same time, one process each (DISTGRAPH_SEED=${seed})`, () => {
  it("disturb each other in nothing: all end well, and what is published is right", async () => {
    const random = seeded(seed)
    const toggled = ["hello-1.1-1", "weather-2.0~rc1-1", "libgreet-2.0-3", "clockwork-3.2-4", "minish-5-2"] as const
    const demo = ["dist-repo", "demo", fixtureKeys.a] as const
    await rig.publish()
    let going = true
    const collecting = async (): Promise<number> => {
      let collections = 0
      for (; going; collections += 1) await distgraphDone(rig, gc)
      return collections
    }
    const exporting = async (): Promise<void> => {
      for (let times = 0; times < 8; times += 1) {
        const build = toggled[Math.floor(random() * toggled.length)] ?? toggled[0]
        await rig.hub((hub) =>
          Effect.gen(function* () {
            const builds = yield* hub.listTagged("demo", { event: null, inherit: false, latest: false })
            const isTagged = builds.some(({ nvr }) => nvr === build)
            yield* isTagged ? hub.untagBuild("demo", [build]) : hub.tagBuild("demo", [build])
          })
        )
        await distgraphDone(rig, random() < 0.3 ? [...demo, "--force"] : demo)
        storedIn(rig.store)
      }
    }
    const collections = collecting()
    try {
      await Promise.all([exporting(), exporting()])
    } finally {
      going = false
    }
    expect(await collections).toBeGreaterThan(1)
    await distgraphDone(rig, demo)
    const { content } = await expectWholeRepos(rig)
    expect(content).toEqual(await contentByTheHub(rig))
    await expectNothingLeftOver(rig)
    // made anew, as one that stands keeps its date where a build came back
    const { repo } = await rig.publish({ force: true })
    const scratch = await rig.publish({ force: true }, { store: join(rig.folder, "fresh-store") })
    expect(readersView(rig.tagDir(), repo.id)).toEqual(readersView(rig.tagDir(), scratch.repo.id))
  })

  it("wait for an export that has the store open, and have the next one wait no longer than for the removal", async () => {
    await rig.publish()
    await retag("tagBuild", "hello-1.1-1")
    await rig.publish()
    let gcEnded = false
    const running = await rig.run(
      Effect.promise(async () => {
        const collecting = distgraph(rig, gc)
        void collecting.finished.then(() => {
          gcEnded = true
        })
        const before = storedIn(rig.store)
        // another export is not kept waiting while this one goes on
        const other = await distgraph(rig, ["dist-repo", "demo", fixtureKeys.a, "--force"]).finished
        expect([other.code, gcEnded], other.stderr).toEqual([0, false])
        expect(storedIn(rig.store).nodes).toEqual(before.nodes)
        return collecting
      })
    )
    const { code, stderr, stdout } = await running.finished
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/run 1 .* goes: it was used .* ago, and there is no room for it/)
    expect(await ranIn(rig.store)).toEqual([])
  })
})
