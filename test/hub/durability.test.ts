import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { Hub } from "../../src/hub/hub.ts"
import { fixture, fixtureKeys } from "../kit/fixtures.ts"

/** Every flush (of which path) and move (from, to) of this process, in order: noted before the platform's modules take these functions. */
const calls = await vi.hoisted(async () => {
  const { default: fs } = await import("node:fs")
  const { syncBuiltinESMExports } = await import("node:module")
  const { fsync, fsyncSync, renameSync } = fs
  const calls: Array<ReadonlyArray<string>> = []
  const flushed = (handle: number) => calls.push(["flush", fs.readlinkSync(`/proc/self/fd/${handle}`)])
  vi.spyOn(fs, "fsync").mockImplementation((handle, done) => {
    flushed(handle)
    fsync(handle, done)
  })
  vi.spyOn(fs, "fsyncSync").mockImplementation((handle) => {
    flushed(handle)
    fsyncSync(handle)
  })
  vi.spyOn(fs, "renameSync").mockImplementation((from, to) => {
    calls.push(["move", String(from), String(to)])
    renameSync(from, to)
  })
  syncBuiltinESMExports()
  return calls
})

let topdir = ""
beforeEach(() => {
  topdir = mkdtempSync(join(tmpdir(), "distgraph-durability-"))
})
afterEach(() => {
  calls.length = 0
  rmSync(topdir, { recursive: true, force: true })
})

describe.skipIf(process.platform !== "linux")("what the hub stores survives a loss of power", () => {
  const inHub = <A, E>(effect: (hub: Hub["Type"]) => Effect.Effect<A, E>): Promise<A> =>
    Effect.runPromise(Effect.flatMap(Hub, effect).pipe(Effect.provide(Hub.layer(topdir, { user: "tester" }))))
  /** The calls' paths from the topdir on, with the staging folder's random name left out. */
  const steps = () =>
    calls.map(([what, ...paths]) =>
      [what, ...paths.map((path) => relative(topdir, path).replace(/^work\/import-[^/]+\//, "work/") || ".")].join(" ")
    )
  const rpm = "clockwork-3.2-4.x86_64.rpm"
  const build = "packages/clockwork/3.2/4"

  it("as an import flushes files before it moves them, and every folder above them before it commits", async () => {
    await inHub((hub) => hub.importRpms([fixture("unsigned", rpm)]))
    expect(steps().slice(0, 4)).toEqual([
      "flush work/0.rpm",
      "flush work/0.sig",
      `move work/0.rpm ${build}/x86_64/${rpm}`,
      `move work/0.sig ${build}/data/sigcache/x86_64/${rpm}.sig`
    ])
    expect(steps().slice(4).sort()).toEqual(
      [".", "packages", "packages/clockwork", "packages/clockwork/3.2", build]
        .concat(["x86_64", "data", "data/sigcache", "data/sigcache/x86_64"].map((folder) => `${build}/${folder}`))
        .map((folder) => `flush ${folder}`)
        .sort()
    )
  })

  it("as signatures and signed copies are flushed too", async () => {
    await inHub((hub) => hub.importRpms([fixture("unsigned", rpm)]))
    await inHub((hub) => hub.importSignatures([fixture("key-a", rpm)]))
    expect(steps()).toContain(`flush ${build}/data/signed/${fixtureKeys.a}/x86_64`)
    expect(steps()).toContain(`flush ${build}/data/sigcache/${fixtureKeys.a}/x86_64`)
    calls.length = 0
    await inHub((hub) => hub.writeSignedRpms(fixtureKeys.a, ["clockwork-3.2-4.x86_64"], { force: true }))
    expect(steps().slice(0, 3)).toEqual([
      "flush work/0.rpm",
      `move work/0.rpm ${build}/data/signed/${fixtureKeys.a}/x86_64/${rpm}`,
      `flush ${build}/data/signed/${fixtureKeys.a}/x86_64`
    ])
  })
})
