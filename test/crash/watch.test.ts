import { spawn } from "node:child_process"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { Hub } from "../../src/hub/hub.ts"
import { type ExportRig, exportRig, readersView } from "../kit/export-rig.ts"
import { type FixtureCopy, fixture, fixtureKeys } from "../kit/fixtures.ts"
import { distgraph, distgraphDone, type Place, type Running } from "./cli.ts"
import { contentByTheHub, expectNothingLeftOver, expectWholeRepos } from "./whole-repos.ts"

let rig: ExportRig
let watches: Array<Running> = []
beforeEach(async () => {
  rig = await exportRig({ in: tmpdir() })
  await rig.hub((hub) =>
    hub.editTag("demo", {
      extra: {
        "tag2distrepo.enabled": true,
        "tag2distrepo.keys": fixtureKeys.a,
        "tag2distrepo.inherit": true,
        "tag2distrepo.latest": true
      }
    })
  )
})
afterEach(async () => {
  for (const { finished, process } of watches) {
    process.kill("SIGKILL")
    await finished
  }
  watches = []
  rig.close()
})

/** Starts a watch that reacts within a second or two, as tests want it. */
const watch = (...args: ReadonlyArray<string>): Running => {
  const running = distgraph(rig, ["watch", "--quiet-period", "1", "--interval", "1", ...args])
  watches.push(running)
  return running
}

const stopped = ({ finished, process }: Running, signal: NodeJS.Signals) => {
  process.kill(signal)
  return finished
}

/** Waits until the tag's repos are these; fails with what there is after a while. */
const untilRepos = async (states: ReadonlyArray<string>) => {
  for (let tries = 0; tries < 300; tries += 1) {
    if ((await rig.repoStates()).join() === states.join()) return
    await sleep(100)
  }
  expect(await rig.repoStates()).toEqual(states)
}

/** Keeps all exports from publishing until it is called. */
const holdPublications = async (): Promise<() => void> => {
  const holder = spawn(process.execPath, [join(import.meta.dirname, "../kit/hub-process.ts"), rig.topdir, "hold"])
  await new Promise((resolve) => holder.stdout.once("data", resolve))
  return () => holder.kill("SIGKILL")
}

/** Waits until a text is on its stderr. */
const untilSaid = ({ process }: Running, text: string) =>
  new Promise<void>((resolve) => {
    let said = ""
    process.stderr?.on("data", (more: string) => {
      said += more
      if (said.includes(text)) resolve()
    })
  })

/** Tags the newer hello, or takes it out again. */
const toggleHello = () =>
  rig.hub((hub) =>
    Effect.gen(function* () {
      const [build] = yield* hub.listTagged("demo", { event: null, inherit: false, latest: true, package: "hello" })
      const newer = ["hello-1.1-1"]
      yield* build?.nvr === newer[0] ? hub.untagBuild("demo", newer) : hub.tagBuild("demo", newer)
    })
  )

/** That the newest repo has what the hub says, and nothing is left of others. */
const expectCurrent = async () => {
  const { content } = await expectWholeRepos(rig)
  expect(content).toEqual(await contentByTheHub(rig))
  await expectNothingLeftOver(rig)
}

describe("watch, as a process", () => {
  it("finds out what is due, then makes one repo of a burst of changes, of the last event", async () => {
    const running = watch()
    await untilRepos(["1 READY"])
    for (const build of ["hello-1.1-1", "minish-5-2", "libgreet-2.0-3"]) {
      await rig.hub((hub) =>
        build === "hello-1.1-1" ? hub.tagBuild("demo", [build]) : hub.untagBuild("demo", [build])
      )
      await sleep(300)
    }
    const last = await rig.hub((hub) => hub.lastEvent)
    await untilRepos(["1 READY", "2 READY"])
    await sleep(2500)
    expect(await rig.repoStates()).toEqual(["1 READY", "2 READY"])
    expect((await rig.hub((hub) => hub.repo(2))).createEvent).toBe(last?.id)
    await expectCurrent()
    const { code, stdout } = await stopped(running, "SIGTERM")
    expect({ code, stdout }).toEqual({ code: 0, stdout: `demo: repo 2: ${rig.tagDir()}/2\n` })
  })

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "ends well by %s, also in the midst of an export",
    async (signal) => {
      await distgraphDone(rig, ["watch", "--once"])
      for (const pause of [0, 40, 80, 160]) {
        await toggleHello()
        const running = watch("--quiet-period", "0", "--json")
        await running.begun
        await sleep(pause)
        const { code, stderr, stdout } = await stopped(running, signal)
        expect(code, stderr).toBe(0)
        expect(JSON.parse(stdout)).toHaveProperty("tags")
        await expectWholeRepos(rig)
        await expectNothingLeftOver(rig)
      }
      await distgraphDone(rig, ["watch", "--once"])
      await expectCurrent()
    }
  )

  it("with --once is interrupted by a signal as other commands are", async () => {
    const letGo = await holdPublications()
    const running = distgraph(rig, ["watch", "--once"])
    await untilSaid(running, "waiting for another publication")
    const { code, stderr } = await stopped(running, "SIGTERM")
    letGo()
    expect(code).toBe(143)
    expect(stderr).toMatch(/distgraph: interrupted\n$/)
    await distgraphDone(rig, ["watch", "--once"])
    await expectCurrent()
  })

  it.each([
    [true, ["1 READY"]],
    [false, ["1 READY", "2 READY"]]
  ])("with distrepo.cancel_others %s, a build that comes during an export", async (cancels, states) => {
    await rig.hub((hub) => hub.editTag("demo", { extra: { "distrepo.cancel_others": cancels } }))
    const letGo = await holdPublications()
    const running = watch()
    await untilSaid(running, "waiting for another publication")
    await rig.hub((hub) => hub.tagBuild("demo", ["hello-1.1-1"]))
    await (cancels ? untilSaid(running, "demo: changed again: the export is interrupted") : sleep(2500))
    letGo()
    await untilRepos(states)
    await sleep(2500)
    expect(await rig.repoStates()).toEqual(states)
    await expectCurrent()
    expect((await stopped(running, "SIGTERM")).code).toBe(0)
  })

  it("killed at any moment, leaves what the next watch --once finishes", async () => {
    const started = performance.now()
    await distgraphDone(rig, ["watch", "--once"])
    const lasts = performance.now() - started
    for (let kill = 1; kill <= 8; kill += 1) {
      await toggleHello()
      const running = distgraph(rig, ["watch", "--once"])
      await sleep((lasts * kill) / 8)
      await stopped(running, "SIGKILL")
      await expectWholeRepos(rig)
      await distgraphDone(rig, ["watch", "--once"])
      await expectCurrent()
    }
    const { latest } = await expectWholeRepos(rig)
    const { repo } = await rig.publish(
      { writeSignedRpms: true, arches: ["x86_64", "aarch64"], force: true },
      { store: join(rig.folder, "fresh-store") }
    )
    expect(readersView(rig.tagDir(), latest)).toEqual(readersView(rig.tagDir(), repo.id))
  })

  it("makes no two repos where two watch one topdir", async () => {
    const two = [watch(), watch()]
    await untilRepos(["1 READY"])
    await sleep(1500)
    await rig.hub((hub) => hub.tagBuild("demo", ["hello-1.1-1"]))
    await untilRepos(["1 READY", "2 READY"])
    await sleep(3000)
    expect(await rig.repoStates()).toEqual(["1 READY", "2 READY"])
    for (const running of two) expect((await stopped(running, "SIGTERM")).code).toBe(0)
    await Promise.all([1, 2, 3].map(() => distgraphDone(rig, ["watch", "--once"])))
    expect(await rig.repoStates()).toEqual(["1 READY", "2 READY"])
    await expectCurrent()
  })
})

describe("a watched tag whose packages are not signed yet", () => {
  const hello = (version: string, copy: FixtureCopy) => fixture(copy, `hello-${version}-1.x86_64.rpm`)

  /** A hub without any signatures, in which `demo` wants those of key A and `other` none. */
  const unsignedHub = async () => {
    const place = { topdir: join(rig.folder, "unsigned"), store: rig.store }
    const hub = <A, E>(use: (hub: Hub["Type"]) => Effect.Effect<A, E>): Promise<A> =>
      Effect.runPromise(Effect.provide(Effect.flatMap(Hub, use), Hub.layer(place.topdir)))
    await hub((hub) =>
      Effect.gen(function* () {
        const enabled = { "tag2distrepo.enabled": true }
        yield* hub.importRpms([hello("1.0", "unsigned"), hello("1.1", "unsigned")])
        yield* hub.addTag("demo", {
          arches: "x86_64",
          extra: { ...enabled, "tag2distrepo.keys": fixtureKeys.a, "tag2distrepo.latest": true }
        })
        yield* hub.addTag("other", { arches: "x86_64", extra: enabled })
        for (const tag of ["demo", "other"]) {
          yield* hub.addPackages(tag, ["hello"])
          yield* hub.tagBuild(tag, ["hello-1.0-1"])
        }
      })
    )
    const states = async (tag: string) =>
      (await hub((hub) => hub.repos(tag))).map(({ id, state }) => `${id} ${state}`).join()
    return { place, hub, states }
  }

  /** Starts a watch, and gives what waits until its stderr has a text. */
  const watching = (place: Place, ...args: ReadonlyArray<string>) => {
    const running = distgraph(place, ["watch", "--quiet-period", "1", "--interval", "1", ...args])
    watches.push(running)
    let said = ""
    running.process.stderr?.on("data", (text: string) => {
      said += text
    })
    const says = async (text: string) => {
      for (let tries = 0; tries < 300 && !said.includes(text); tries += 1) await sleep(100)
      expect(said).toContain(text)
    }
    return { running, says, said: () => said }
  }

  it("is exported as soon as the signatures come, and others are exported meanwhile", async () => {
    const { hub, place, states } = await unsignedHub()
    const { running, said, says } = watching(place, "--wait-signatures", "1h")
    await says("other: repo 1: ")
    await says("1 rpm is not signed with 69c29eff:\n  hello-1.0-1.x86_64: unsigned\n")
    expect(said()).toMatch(/^demo waits for signatures until .*Z, 1 hour after the first of them came into the tag: /m)
    expect(await states("demo")).toBe("")
    // without a signed copy, which the watch writes
    await hub((hub) => hub.importSignatures([hello("1.0", "key-a")], { write: false }))
    await says("demo: repo 2: ")
    await sleep(2500)
    expect([await states("demo"), await states("other")]).toEqual(["2 READY", "1 READY"])
    expect((await stopped(running, "SIGTERM")).code).toBe(0)
  })

  it("is a failure when the time is up, told once, and exported when they come later", async () => {
    const { hub, place, states } = await unsignedHub()
    const { running, said, says } = watching(place, "--wait-signatures", "4")
    await says("demo waits for signatures until ")
    await says(
      "warning: demo is not exported: 1 rpm is not signed with 69c29eff, 4 seconds after the first of them came into the tag; " +
        "import signatures with import-sig:\n  hello-1.0-1.x86_64: unsigned\n"
    )
    const once = await distgraph(place, ["watch", "--once", "--wait-signatures", "1"]).finished
    expect(once.code).toBe(1)
    expect(once.stderr).toContain("  hello-1.0-1.x86_64: unsigned\n")
    expect(once.stdout.split("\n")[1]).toMatch(/^other: unchanged since repo 1 /)
    await hub((hub) => hub.importSignatures([hello("1.0", "key-a")]))
    await says("demo: repo 2: ")
    expect(said().match(/is not exported/g)).toHaveLength(1)
    expect(await states("demo")).toBe("2 READY")
    expect((await stopped(running, "SIGINT")).code).toBe(0)
    expect((await distgraphDone(place, ["watch", "--once"])).stdout).toMatch(/^demo: unchanged since repo 2 /)
  })
})
