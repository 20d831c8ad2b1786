import { type ChildProcess, spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect, Either, Fiber, Option } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { Hub } from "../../src/hub/hub.ts"
import { primaryRpm } from "../../src/koji/topdir.ts"
import { describeWithShared, sharedPath } from "../kit/oracle.ts"
import { readScenario } from "../kit/oracle-scenario.ts"

let topdir = ""
beforeEach(() => {
  topdir = mkdtempSync(join(tmpdir(), "distgraph-processes-"))
})
afterEach(() => rmSync(topdir, { recursive: true, force: true }))

const inHub = <A, E>(effect: (hub: Hub["Type"]) => Effect.Effect<A, E>): Promise<A> =>
  Effect.runPromise(Effect.flatMap(Hub, effect).pipe(Effect.provide(Hub.layer(topdir))))

const start = (...args: ReadonlyArray<string>): ChildProcess =>
  spawn(process.execPath, [join(import.meta.dirname, "../kit/hub-process.ts"), topdir, ...args], {
    stdio: ["ignore", "pipe", "inherit"]
  })

const exited = async (child: ChildProcess): Promise<unknown> =>
  child.exitCode ?? child.signalCode ?? (await once(child, "exit"))[0]

const isReady = async (child: ChildProcess): Promise<void> => {
  if (child.stdout) await once(child.stdout, "data")
}

describe("several processes with one hub", () => {
  it("may all open a new one at the same time and lose no change", async () => {
    const children = ["a", "b", "c", "d"].map((prefix) => start("add-tags", prefix, "10"))
    expect(await Promise.all(children.map(exited))).toEqual([0, 0, 0, 0])
    const [tags, last] = await inHub((hub) => Effect.all([hub.listTags(), hub.lastEvent]))
    expect(tags.length).toBe(40)
    expect(last?.id).toBe(40)
  })
})

describe("the publish lock", () => {
  it("keeps other processes out, and is gone with its holder, however that ends", async () => {
    const holder = start("hold")
    await isReady(holder)
    const entered = await inHub((hub) =>
      Effect.gen(function* () {
        const waiting = yield* Effect.fork(hub.withPublishLock(Effect.succeed("entered")))
        yield* Effect.sleep("300 millis")
        const early = yield* Fiber.poll(waiting)
        holder.kill("SIGKILL")
        return [early._tag, yield* Fiber.join(waiting)]
      })
    )
    expect(entered).toEqual(["None", "entered"])
  })

  it("keeps other fibers of the same process out", () =>
    inHub((hub) =>
      Effect.gen(function* () {
        let inside = 0
        const publish = hub.withPublishLock(
          Effect.gen(function* () {
            inside += 1
            expect(inside).toBe(1)
            yield* Effect.sleep("20 millis")
            inside -= 1
          })
        )
        yield* Effect.all([publish, publish, publish], { concurrency: "unbounded" })
      })
    ))

  it("is given back on failure and on interruption, and waiting for it can be interrupted", () =>
    inHub((hub) =>
      Effect.gen(function* () {
        yield* Effect.flip(hub.withPublishLock(Effect.fail("no")))
        const holder = yield* Effect.fork(hub.withPublishLock(Effect.never))
        yield* Effect.sleep("50 millis")
        const waiting = yield* Effect.fork(hub.withPublishLock(Effect.never))
        yield* Effect.sleep("50 millis")
        yield* Fiber.interrupt(waiting)
        yield* Fiber.interrupt(holder)
        expect(yield* hub.withPublishLock(Effect.succeed("free"))).toBe("free")
      })
    ))

  it("is not waited for by who takes it only where it is free", () =>
    inHub((hub) =>
      Effect.gen(function* () {
        expect(yield* hub.withFreePublishLock(Effect.succeed("done"))).toEqual(Option.some("done"))
        expect(yield* Effect.flip(hub.withFreePublishLock(Effect.fail("no")))).toBe("no")
        const holder = yield* Effect.fork(hub.withFreePublishLock(Effect.never))
        yield* Effect.sleep("50 millis")
        expect(yield* hub.withFreePublishLock(Effect.dieMessage("held by two"))).toEqual(Option.none())
        yield* Fiber.interrupt(holder)
        expect(yield* hub.withFreePublishLock(Effect.succeed("free"))).toEqual(Option.some("free"))
      })
    ))
})

describe("a database that this version cannot use", () => {
  it("is left alone with a clear error: written by a newer version, or no database", async () => {
    await inHub((hub) => hub.lastEvent)
    const database = new DatabaseSync(join(topdir, "hub.db"))
    database.exec("PRAGMA user_version = 99")
    database.close()
    await expect(inHub((hub) => hub.lastEvent)).rejects.toThrow(
      /written by a newer version of distgraph \(its schema is 99/
    )
    writeFileSync(join(topdir, "hub.db"), "not a database".repeat(100))
    await expect(inHub((hub) => hub.lastEvent)).rejects.toThrow(/cannot be used: file is not a database/)
    const below = Hub.layer(join(topdir, "hub.db", "topdir"))
    await expect(Effect.runPromise(Effect.provide(Hub, below))).rejects.toThrow(/cannot be used: ENOTDIR/)
  })
})

describeWithShared("oracle")("an import that is killed", () => {
  it("leaves no row without its file, and the next import finishes it", async () => {
    const files = readScenario()
      .builds.flatMap((build) => build.rpms)
      .map(({ imported_from }) => sharedPath("oracle", "rpms", imported_from))
    for (const delay of [0, 20, 40, 60, 80, 120]) {
      const child = start("import", ...files)
      await isReady(child)
      await new Promise((resolve) => setTimeout(resolve, delay))
      child.kill("SIGKILL")
      await exited(child)
      await expectWhole()
    }
    const outcomes = await inHub((hub) => hub.importRpms(files))
    expect(outcomes.length).toBe(files.length)
    expect(await expectWhole()).toBe(files.length)
  })
})

/** Checks that every rpm of the hub has its file; gives their number. */
const expectWhole = async (): Promise<number> => {
  const rpms = await inHub((hub) =>
    Effect.gen(function* () {
      const nvrs = readScenario().builds.map(({ nvr }) => nvr)
      const lists = yield* Effect.all(nvrs.map((nvr) => Effect.either(hub.buildRpms(nvr))))
      return lists.flatMap((list) => (Either.isRight(list) ? list.right : []))
    })
  )
  for (const rpm of rpms) {
    const path = Either.getOrThrow(primaryRpm({ volume: null, ...rpm.build }, rpm))
    const digest = createHash("sha256")
      .update(readFileSync(join(topdir, path)))
      .digest("hex")
    expect(digest).toBe(rpm.primary.sha256)
  }
  return rpms.length
}
