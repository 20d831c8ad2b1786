import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { ExportEvent } from "../../src/export/dist-repo.ts"
import { seeded } from "../kit/engine-scheduler.ts"
import { contentOf, type ExportRig, exportRig, readersView } from "../kit/export-rig.ts"
import { fixtureKeys } from "../kit/fixtures.ts"
import { distgraph, distgraphDone } from "./cli.ts"
import { contentByTheHub, expectNothingLeftOver, expectWholeRepos } from "./whole-repos.ts"

let rig: ExportRig
afterEach(() => rig.close())

const demo = ["dist-repo", "demo", fixtureKeys.a] as const

const layouts = ["hardlink", "shared", "copy"] as const

const seed = Number(process.env["DISTGRAPH_SEED"] ?? Math.trunc(Math.random() * 2 ** 31))

/** Where a kill found the export, told from what it left. */
const leftBehind = async (before: number): Promise<string> => {
  const rows = (await rig.hub((hub) => hub.repos("demo"))).filter(({ id }) => id > before)
  const mine = rows.at(-1)
  if (mine === undefined) return "no row yet"
  const there = (name: string) => existsSync(join(rig.tagDir(), name))
  if (mine.state === "INIT") {
    return there(String(mine.id)) ? "in its place" : there(`.${mine.id}.tmp`) ? "half written" : "a row alone"
  }
  const { latest } = await expectWholeRepos(rig)
  return latest === mine.id ? "done" : "READY, latest behind"
}

describe(`an export that is killed at random moments (DISTGRAPH_SEED=${seed})`, () => {
  beforeEach(async () => {
    rig = await exportRig({ in: tmpdir() })
  })

  const toggled = ["hello-1.1-1", "weather-2.0~rc1-1", "libgreet-2.0-3", "clockwork-3.2-4", "minish-5-2"] as const

  it("leaves latest and every READY repo whole, 50 times, and each next one finishes", async () => {
    const random = seeded(seed)
    const change = () => {
      const build = toggled[Math.floor(random() * toggled.length)] ?? toggled[0]
      return rig.hub((hub) =>
        Effect.gen(function* () {
          const builds = yield* hub.listTagged("demo", { event: null, inherit: false, latest: false })
          const isTagged = builds.some(({ nvr }) => nvr === build)
          yield* isTagged ? hub.untagBuild("demo", [build]) : hub.tagBuild("demo", [build])
        })
      )
    }
    const started = distgraph(rig, demo)
    await started.begun
    const begun = performance.now()
    expect((await started.finished).code).toBe(0)
    let lasts = performance.now() - begun

    const found = new Map<string, number>()
    for (let kill = 0; kill < 50; kill += 1) {
      await change()
      const before = (await rig.hub((hub) => hub.repos("demo"))).at(-1)?.id ?? 0
      const layout = layouts[Math.floor(random() * layouts.length)] ?? layouts[0]
      const wanted = [...demo, "--layout", layout]
      const run = distgraph(rig, random() < 0.3 ? [...wanted, "--force"] : wanted)
      await run.begun
      const since = performance.now()
      await sleep(random() * lasts)
      run.process.kill("SIGKILL")
      const { code } = await run.finished
      // what a whole run takes changes with the machine's other work
      if (code === 0) lasts = Math.max(20, (lasts + (performance.now() - since)) / 2)
      await expectWholeRepos(rig)
      const where = await leftBehind(before)
      found.set(where, (found.get(where) ?? 0) + 1)
      // the other times the next one is killed too, over what this one left
      if (random() < 0.7) {
        await rig.export({ layout })
        const { content } = await expectWholeRepos(rig)
        expect(content).toEqual(await contentByTheHub(rig))
        await expectNothingLeftOver(rig)
      }
    }
    const ended = await distgraphDone(rig, demo)
    expect(ended.stdout).toMatch(/^repo \d+: |is unchanged since repo/)
    const { content, latest } = await expectWholeRepos(rig)
    expect(content).toEqual(await contentByTheHub(rig))
    await expectNothingLeftOver(rig)

    const { repo } = await rig.publish({ force: true }, { store: join(rig.folder, "fresh-store") })
    expect(readersView(rig.tagDir(), latest)).toEqual(readersView(rig.tagDir(), repo.id))
    // not all kills may have come too late or too early
    expect(found.get("done") ?? 0, JSON.stringify([...found])).toBeLessThan(45)
    expect(found.get("no row yet") ?? 0, JSON.stringify([...found])).toBeLessThan(45)
  })
})

describe("an export that is killed before each single change that it makes to the repos", () => {
  beforeEach(async () => {
    rig = await exportRig({ in: tmpdir(), builds: ["hello-1.0-1"] })
    await rig.hub((hub) => hub.editTag("demo", { arches: "x86_64" }))
  })

  const preload = join(import.meta.dirname, "kill-at-step.ts")

  /** What the changes of a command are. */
  const stepsOf = async (command: ReadonlyArray<string>, store = rig.store): Promise<ReadonlyArray<string>> => {
    const stepsFile = join(rig.folder, "steps")
    const counted = await distgraph({ ...rig, store }, command, { preload, env: { STEPS_FILE: stepsFile } }).finished
    expect(counted.code, counted.stderr).toBe(0)
    const steps = readFileSync(stepsFile, "utf8").trimEnd().split("\n")
    rmSync(stepsFile)
    return steps
  }

  const killedAt = async (
    command: ReadonlyArray<string>,
    index: number,
    step: string,
    store = rig.store
  ): Promise<void> => {
    const run = distgraph({ ...rig, store }, command, { preload, env: { KILL_AT_STEP: String(index + 1) } })
    expect((await run.finished).signal, step).toBe("SIGKILL")
  }

  /** Keeps the topdir as it is now. Gives what puts it back. */
  const keptTopdir = (): (() => void) => {
    const kept = join(rig.folder, "kept")
    const copy = (from: string, to: string) => {
      rmSync(to, { recursive: true, force: true })
      // with hard links and times, which node's own copying does not keep
      execFileSync("cp", ["-a", from, to])
    }
    copy(rig.topdir, kept)
    return () => copy(kept, rig.topdir)
  }

  it("leaves the old state or the new, and the next one clears up", async () => {
    await rig.publish()
    const steps = await stepsOf([...demo, "--force"])
    expect(steps).toContain("renameSync repos-dist/demo/.2.tmp")
    expect(steps).toContain("renameSync repos-dist/demo/.latest.tmp")

    const found = new Set<string>()
    for (const [index, step] of steps.entries()) {
      const before = (await rig.hub((hub) => hub.repos("demo"))).at(-1)?.id ?? 0
      await killedAt([...demo, "--force"], index, step)
      await expectWholeRepos(rig)
      found.add(await leftBehind(before))
      await rig.publish({ force: true })
      expect((await expectWholeRepos(rig)).content).toEqual(await contentByTheHub(rig))
      await expectNothingLeftOver(rig)
    }
    expect([...found].sort()).toEqual(["READY, latest behind", "a row alone", "done", "half written", "in its place"])
  })

  it.each(["hardlink", "shared"])(
    "leaves the old state or the new where a repo was begun while it was computed (%s)",
    async (layout) => {
      await rig.publish()
      // over an empty store each time: what can be begun is known before the rest
      const fresh = (name: string | number) => join(rig.folder, `fresh-${name}`)
      const command = [...demo, "--layout", layout, "--force"]
      const restore = keptTopdir()
      const steps = await stepsOf(command, fresh("counted"))
      expect(steps).toContain("mkdirSync repos-dist/demo/.begun.tmp")
      expect(steps).toContain("renameSync repos-dist/demo/.begun.tmp")
      expect(steps.some((step) => /^renameSync .*repodata\/primary[.]xml[.]gz$/.test(step))).toBe(true)

      const found = new Set<string>()
      for (const [index, step] of steps.entries()) {
        restore()
        const before = (await rig.hub((hub) => hub.repos("demo"))).at(-1)?.id ?? 0
        await killedAt(command, index, step, fresh(index))
        await expectWholeRepos(rig)
        found.add(existsSync(join(rig.tagDir(), ".begun.tmp")) ? "begun" : await leftBehind(before))
        const { repo } = await rig.publish({ force: true })
        expect((await expectWholeRepos(rig)).content).toEqual(await contentByTheHub(rig))
        expect(readersView(rig.tagDir(), repo.id), step).toEqual(readersView(rig.tagDir(), 1))
        await expectNothingLeftOver(rig)
      }
      expect([...found]).toEqual(
        expect.arrayContaining(["begun", "half written", "in its place", "READY, latest behind"])
      )
    }
  )

  it("leaves the old state or the new on another volume, begun there while it was computed", async () => {
    // another file system, where there is one: what is made of a repo must not be moved across
    const volume = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "distgraph-kill-"))
    try {
      mkdirSync(join(rig.topdir, "vol"))
      symlinkSync(volume, join(rig.topdir, "vol/vol2"))
      await rig.hub((hub) => hub.addVolume("vol2"))
      await rig.publish()
      const fresh = (name: string | number) => join(rig.folder, `fresh-${name}`)
      const command = [...demo, "--volume", "vol2", "--force"]
      const restore = keptTopdir()
      const steps = await stepsOf(command, fresh("counted"))
      const link = steps.indexOf("symlinkSync repos-dist/demo/2")
      expect(steps.slice(link, link + 2)).toEqual([
        "symlinkSync repos-dist/demo/2",
        "renameSync repos-dist/demo/.2.tmp"
      ])
      expect(steps).toContain("renameSync repos-dist/demo/.begun.tmp")
      for (const [index, step] of steps.entries()) {
        restore()
        rmSync(join(volume, "repos-dist"), { recursive: true })
        await killedAt(command, index, step, fresh(index))
        await expectWholeRepos(rig)
        // whatever volume the next one is for
        const { repo } = await rig.publish({ force: true, volume: index % 2 === 0 ? "vol2" : null })
        expect((await expectWholeRepos(rig)).content).toEqual(await contentByTheHub(rig))
        expect(readersView(rig.tagDir(), repo.id), step).toEqual(readersView(rig.tagDir(), 1))
        await expectNothingLeftOver(rig)
      }
    } finally {
      rmSync(volume, { recursive: true })
    }
  })

  it("leaves no half tree where directories of packages become shared", async () => {
    await rig.publish()
    const linked = readersView(rig.tagDir(), 1)
    const restore = keptTopdir()
    const steps = await stepsOf([...demo, "--layout", "shared"])
    const shape = steps.map((step) => step.replace(/[0-9a-f]{64}/, "SUM"))
    for (const step of [
      "mkdirSync repos-dist/.trees",
      "mkdirSync repos-dist/.trees/.SUM.tmp",
      "linkSync repos-dist/.trees/.SUM.tmp/hello-1.0-1.x86_64.rpm",
      "utimesSync repos-dist/.trees/.SUM.tmp",
      "renameSync repos-dist/.trees/.SUM.tmp",
      "symlinkSync repos-dist/demo/.2.tmp/x86_64/Packages/h",
      "renameSync repos-dist/demo/.2.tmp"
    ]) {
      expect(shape).toContain(step)
    }
    for (const [index, step] of steps.entries()) {
      restore()
      await killedAt([...demo, "--layout", "shared"], index, step)
      await expectWholeRepos(rig)
      const trees = join(rig.topdir, "repos-dist/.trees")
      for (const tree of existsSync(trees) ? readdirSync(trees) : []) {
        if (!tree.startsWith(".")) expect(readdirSync(join(trees, tree)), step).toEqual(["hello-1.0-1.x86_64.rpm"])
      }
      const { repo } = await rig.publish({ layout: "shared", force: true })
      expect(repo.mended).toEqual([])
      expect((await expectWholeRepos(rig)).content).toEqual(await contentByTheHub(rig))
      expect(readersView(rig.tagDir(), repo.id)).toEqual(linked)
      await expectNothingLeftOver(rig)
    }
  })

  it("goes on with a shared directory of packages that is being mended", async () => {
    await rig.publish({ layout: "shared" })
    const whole = readersView(rig.tagDir(), 1)
    rmSync(join(rig.tagDir(), "1/x86_64/Packages/h/hello-1.0-1.x86_64.rpm"))
    const restore = keptTopdir()
    const command = [...demo, "--layout", "shared", "--force"]
    const steps = await stepsOf(command)
    expect(steps.some((step) => /^renameSync .*[.]tmp\/hello-1[.]0-1[.]x86_64[.]rpm$/.test(step))).toBe(true)
    const aboutTrees = (step: string) => step.includes(".trees")
    for (const [index, step] of steps.entries()) {
      // the others are as above
      if (index < steps.findIndex(aboutTrees) || index > steps.findLastIndex(aboutTrees) + 1) continue
      restore()
      await killedAt(command, index, step)
      await rig.publish({ layout: "shared", force: true })
      expect(readersView(rig.tagDir(), 1), step).toEqual(whole)
      await expectWholeRepos(rig)
      await expectNothingLeftOver(rig)
    }
  })
})

describe("an export that is interrupted with Ctrl-C", () => {
  beforeEach(async () => {
    rig = await exportRig({ in: tmpdir() })
  })

  it("ends with 130, leaves nothing half-published, and what it had finished is a hit for the next", async () => {
    await rig.publish()
    let interrupted = 0
    let resumed = 0
    for (let delay = 0; delay < 400; delay += 20) {
      const before = contentOf(rig.tagDir())
      const ready = (await rig.repoStates()).filter((state) => state.endsWith("READY"))
      // an empty store each time: all of the work is ahead
      const store = join(rig.folder, `store-${delay}`)
      const run = distgraph({ topdir: rig.topdir, store }, [...demo, "--force"])
      await run.begun
      await sleep(delay)
      run.process.kill("SIGINT")
      const { code, stderr, stdout } = await run.finished
      // the signal came too late: all was done
      if (stdout !== "") break
      expect([code, stdout]).toEqual([130, ""])
      expect(stderr).toContain("distgraph: interrupted")
      expect(contentOf(rig.tagDir())).toEqual(before)
      const states = (await rig.repoStates()).filter((state) => !state.endsWith("DELETED"))
      expect(states).toEqual(ready)
      interrupted += 1
      const onEvent = (event: ExportEvent): void => {
        if (event._tag === "Hits") resumed += event.labels.length
      }
      await rig.publish({ force: true }, { store, onEvent })
      await expectWholeRepos(rig)
      await expectNothingLeftOver(rig)
    }
    expect(interrupted).toBeGreaterThan(0)
    expect(resumed).toBeGreaterThan(0)
  })
})
