import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Cause, Effect, Exit, Fiber } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import {
  describeFileProblem,
  digestOf,
  EngineFault,
  ExternalFiles,
  evaluate,
  externalFiles,
  Store
} from "../../graph/index.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { type OpenDirectory, openDirectory } from "../kit/engine-stores.ts"
import { Concert, Refused, type Shout } from "./thread-rules.ts"
import { Text } from "./toy.ts"

const threads = { entry: new URL("./thread-entry.ts", import.meta.url), workers: 2 }

let directory: string
let opened: OpenDirectory
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "distgraph-threads-"))
  opened = await openDirectory(directory)
})
afterEach(async () => {
  await opened.close()
  rmSync(directory, { recursive: true })
})

type How = (typeof Shout extends { readonly label: (input: infer I) => string } ? I : never)["how"]

/** Sixteen who sing well, but for some: two at a time go to a thread. */
const singersOf = (kit: ReturnType<typeof engineKit>, others: Readonly<Record<number, How>> = {}) =>
  Array.from({ length: 16 }, (_, id) => ({ id, text: kit.give(Text, `la${id}`), how: others[id] ?? ("well" as const) }))

/** The actions that threads finished, and those that this one did. */
const whereDone = (kit: ReturnType<typeof engineKit>) => {
  const done = kit.events().flatMap((event) => (event._tag === "Finished" && event.kind === "action" ? [event] : []))
  const names = (on: boolean) =>
    done.filter(({ worker }) => (worker !== undefined) === on).map(({ label, rule }) => `${rule} ${label}`.trimEnd())
  return { threads: names(true).sort(), here: names(false).sort() }
}
const everyoneBut = (...ids: ReadonlyArray<number>) =>
  Array.from({ length: 16 }, (_, id) => (ids.includes(id) ? [] : [`shout ${id}`]))
    .flat()
    .sort()
const everyone = ["choir", ...everyoneBut()]

describe("worker threads", () => {
  it("compute actions, and come to what this thread comes to", async () => {
    const kit = engineKit({ opened })
    const { song } = await kit.want(Concert, { singers: singersOf(kit), size: 0 }, { threads })
    expect(whereDone(kit)).toEqual({ threads: everyone, here: [] })
    expect(kit.read(Text, song)).toBe(Array.from({ length: 16 }, (_, id) => `LA${id}!`).join(" "))
    const here = engineKit()
    expect(await here.want(Concert, { singers: singersOf(here), size: 0 })).toEqual({ song })
    expect(whereDone(here)).toEqual({ threads: [], here: everyone })
  })

  it("write blobs large and small that are there afterwards, and results that are hits", async () => {
    const kit = engineKit({ opened })
    const { song } = await kit.want(Concert, { singers: singersOf(kit), size: 400_000 }, { threads })
    await opened.close()
    opened = await openDirectory(directory)
    const again = engineKit({ opened })
    expect(again.read(Text, song)).toHaveLength(400_000)
    expect(await again.want(Concert, { singers: singersOf(again), size: 400_000 }, { repair: true })).toEqual({ song })
    expect(again.ran()).toEqual([])
  })

  it("are told where the external files are that an input names", async () => {
    const path = join(directory, "a file")
    writeFileSync(path, "12345")
    const file = digestOf(Buffer.from("12345"))
    const kit = engineKit({ opened, path: (digest) => (digest === file ? path : undefined) })
    const singers = singersOf(kit).map((singer) => (singer.id === 3 ? { ...singer, file } : singer))
    const { song } = await kit.want(Concert, { singers, size: 0 }, { threads })
    expect(kit.read(Text, song)).toContain("LA2! 5 bytes LA4!")
    expect(whereDone(kit).here).toEqual([])
    const strange = singers.map((singer) => ({ ...singer, file: digestOf(Buffer.from(String(singer.id))) }))
    const failure = await kit.failure(Concert, { singers: strange, size: 0 }, { threads })
    expect(failure.failures.map(({ error }) => String(error))).toEqual(
      strange.map((singer) => `EngineFault: no source names the file ${singer.file}`)
    )
  })

  it("have a file that cannot be read worded by who knows the files", async () => {
    const kit = engineKit({
      opened,
      path: () => join(directory, "gone"),
      describe: (problem) => `${describeFileProblem(problem)}, says the test`
    })
    const singers = singersOf(kit).map((singer) => ({ ...singer, file: digestOf(Buffer.from("12345")) }))
    const { failures } = await kit.failure(Concert, { singers, size: 0 }, { threads })
    expect(new Set(failures.map(({ error }) => String(error)))).toEqual(
      new Set([`EngineFault: ${join(directory, "gone")} is missing, says the test`])
    )
  })

  it("fail as this thread does: by an error, a crash or an accident of the rule, each with its node", async () => {
    const failed = async (kit: ReturnType<typeof engineKit>, options: object) => {
      const singers = singersOf(kit, { 1: "fail", 2: "throw", 4: "accident" })
      const { failures } = await kit.failure(Concert, { singers, size: 0 }, options)
      return failures.map(({ error, node, wantedBy }) => [
        node,
        wantedBy,
        error instanceof EngineFault ? [error.failure._tag, error.message.split("\n")[0]] : error
      ])
    }
    const kit = engineKit({ opened })
    const there = await failed(kit, { threads })
    expect(there).toEqual([
      ["shout 1", ["concert"], new Refused({ id: 1 })],
      ["shout 2", ["concert"], ["RuleCrashed", expect.stringContaining("no voice for 2")]],
      ["shout 4", ["concert"], ["Accident", "the hall is closed"]]
    ])
    expect(whereDone(kit)).toEqual({ threads: everyoneBut(1, 2, 4), here: [] })
  })

  it("that die take no more than the action along that killed them", async () => {
    const kit = engineKit({ opened })
    const { failures } = await kit.failure(Concert, { singers: singersOf(kit, { 2: "exit" }), size: 0 }, { threads })
    expect(failures.map(({ error, node }) => [node, String(error)])).toEqual([
      ["shout 2", "EngineFault: its worker thread died: the thread ended with code 7"]
    ])
    expect(whereDone(kit).threads).toEqual(everyoneBut(2))
  })

  it("make again what the store lost", async () => {
    const kit = engineKit({ opened })
    const singers = singersOf(kit)
    await kit.want(Concert, { singers, size: 0 }, { threads })
    const shouted = digestOf(Buffer.from("LA3!"))
    for (const harm of [kit.evict, kit.corrupt]) {
      harm(shouted)
      kit.ran()
      const { song } = await kit.want(Concert, { singers, size: harm === kit.evict ? 100 : 200 }, { threads })
      expect(kit.read(Text, song)).toContain("LA3!")
      expect(kit.ran()).toEqual(["choir", "concert", "shout 3"])
    }
  })

  it("that cannot be started leave the work to this thread", async () => {
    const kit = engineKit({ opened })
    const nowhere = { entry: new URL("./no-such-entry.ts", import.meta.url), workers: 2 }
    const { song } = await kit.want(Concert, { singers: singersOf(kit), size: 0 }, { threads: nowhere })
    expect(kit.read(Text, song)).toContain("LA5!")
    expect(whereDone(kit)).toEqual({ threads: [], here: everyone })
  })

  it("are not started for what is quickly done, nor where all is known", async () => {
    const started = join(directory, "started")
    const leavesTrace = `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(started)}, "")`
    const tracing = { entry: new URL(`data:text/javascript,${encodeURIComponent(leavesTrace)}`), workers: 2 }
    const kit = engineKit({ opened })
    const one = { singers: singersOf(kit).slice(0, 1), size: 0 }
    for (const here of [["choir", "shout 0"], []]) {
      await kit.want(Concert, one, { threads: tracing })
      expect(whereDone(kit)).toEqual({ threads: [], here })
    }
    expect(existsSync(started)).toBe(false)
    // Where there is enough to do, such threads start, and end: what they leave is there.
    await kit.want(Concert, { singers: singersOf(kit), size: 0 }, { threads: tracing })
    expect(existsSync(started)).toBe(true)
  })

  it("end when the run is interrupted", async () => {
    const kit = engineKit({ opened })
    const running = evaluate(Concert, { singers: singersOf(kit), size: 0 }, { label: "concert", cpu: 2, threads }).pipe(
      Effect.provideService(Store, opened.store),
      Effect.provideService(
        ExternalFiles,
        externalFiles(() => Effect.dieMessage("no files"))
      )
    )
    const fiber = Effect.runFork(running)
    await new Promise((resolve) => setTimeout(resolve, 50))
    const exit = await Effect.runPromise(Fiber.interrupt(fiber))
    expect(Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause)).toBe(true)
  })
})
