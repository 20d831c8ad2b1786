import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Deferred, Effect, Fiber } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { hasRepodataTraces, refuseForeignLock, withRepodataLock } from "../../src/publish/repodata-lock.ts"

let directory: string
let lock: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "distgraph-lock-"))
  lock = join(directory, ".repodata")
})
afterEach(() => rmSync(directory, { recursive: true }))

const run = Effect.runPromise
const locked = <A, E>(use: (folder: string) => Effect.Effect<A, E>, ignoreForeign = false) =>
  withRepodataLock(directory, { ignoreForeign }, use)

describe("the lock of a directory's repodata", () => {
  it("is createrepo_c's folder while it is held, and leaves no trace", async () => {
    const seen = await run(locked((folder) => Effect.sync(() => [folder, existsSync(lock), readdirSync(directory)])))
    expect(seen).toEqual([lock, true, [".repodata"]])
    expect(readdirSync(directory)).toEqual([])
  })

  it("is given back where its holder fails or is interrupted", async () => {
    expect((await run(Effect.flip(locked(() => Effect.fail({ message: "no" }))))).message).toBe("no")
    const fiber = Effect.runFork(locked(() => Effect.never))
    while (!existsSync(lock)) await new Promise((resolve) => setTimeout(resolve, 5))
    await run(Fiber.interrupt(fiber))
    expect(readdirSync(directory)).toEqual([])
  })

  it("is held by one at a time; the others wait and say so", async () => {
    let inside = 0
    let most = 0
    let waits = 0
    const use = () =>
      Effect.gen(function* () {
        inside += 1
        most = Math.max(most, inside)
        yield* Effect.sleep("20 millis")
        inside -= 1
      })
    const one = withRepodataLock(directory, { ignoreForeign: false, onWait: () => (waits += 1) }, use)
    await run(
      Effect.all(
        Array.from({ length: 6 }, () => one),
        { concurrency: "unbounded" }
      )
    )
    expect([most, waits]).toEqual([1, 5])
    expect(readdirSync(directory)).toEqual([])
  })

  it("can be given up while it is waited for", async () => {
    const held = await run(Deferred.make<void>())
    const holder = Effect.runFork(locked(() => Deferred.await(held)))
    while (!existsSync(lock)) await new Promise((resolve) => setTimeout(resolve, 5))
    const waiter = Effect.runFork(locked(() => Effect.void))
    await new Promise((resolve) => setTimeout(resolve, 20))
    await run(Fiber.interrupt(waiter))
    expect(existsSync(lock)).toBe(true)
    await run(Deferred.succeed(held, undefined))
    await run(Fiber.join(holder))
    expect(readdirSync(directory)).toEqual([])
  })

  it("of another program is respected, unless it is to be ignored", async () => {
    mkdirSync(lock)
    writeFileSync(join(lock, "primary.xml.gz"), "")
    for (const refused of [locked(() => Effect.void), refuseForeignLock(directory)]) {
      expect((await run(Effect.flip(refused))).message).toBe(
        `${lock} exists: another createrepo is at work here, or was killed; wait for it, or use --ignore-lock`
      )
    }
    expect(readdirSync(lock)).toEqual(["primary.xml.gz"])
    expect(await run(locked(() => Effect.succeed("in"), true))).toBe("in")
    expect(readdirSync(directory)).toEqual([])
  })

  it("of a killed distgraph is taken over, with all that it left", async () => {
    const copy = join(directory, "copy")
    await run(locked((folder) => Effect.sync(() => cpSync(folder, copy, { recursive: true }))))
    cpSync(copy, lock, { recursive: true })
    writeFileSync(join(lock, "half-written"), "")
    cpSync(copy, `${lock}.01234567-89ab-cdef-0123-456789abcdef`, { recursive: true })
    rmSync(copy, { recursive: true })
    await run(refuseForeignLock(directory))
    expect(await run(locked((folder) => Effect.sync(() => readdirSync(folder))))).not.toContain("half-written")
    expect(readdirSync(directory)).toEqual([])
  })

  it("of a distgraph that was killed while it made or removed it leaves nothing, at whatever moment that was", async () => {
    const aside = `${lock}.01234567-89ab-cdef-0123-456789abcdef`
    const moments = [[], ["distgraph.lock"], ["distgraph.lock", "todo"]]
    for (const names of moments) {
      mkdirSync(aside)
      for (const name of names) writeFileSync(join(aside, name), "")
      expect(hasRepodataTraces(directory)).toBe(true)
      await run(locked(() => Effect.void))
      expect(readdirSync(directory)).toEqual([])
      expect(hasRepodataTraces(directory)).toBe(false)
    }
  })

  it("of a distgraph that is alive is not taken for a killed one's, nor is what it makes aside", async () => {
    const aside = `${lock}.01234567-89ab-cdef-0123-456789abcdef`
    mkdirSync(aside)
    const database = new DatabaseSync(join(aside, "distgraph.lock"))
    database.exec("BEGIN IMMEDIATE")
    await run(locked(() => Effect.void))
    expect(existsSync(aside)).toBe(true)
    database.close()
  })

  it("cannot be taken in a directory that is not there", async () => {
    rmSync(directory, { recursive: true })
    expect((await run(Effect.flip(locked(() => Effect.void)))).message).toContain("cannot be written")
    mkdirSync(directory)
  })
})
