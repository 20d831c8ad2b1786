import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Fiber } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { profileFile } from "../../src/telemetry/profile-file.ts"

const folder = mkdtempSync(join(tmpdir(), "distgraph-profile-"))
afterAll(() => rmSync(folder, { recursive: true }))

const warnings: Array<string> = []
const warn = (text: string) => Effect.sync(() => void warnings.push(text))

/** Writes a profile of so many nodes, and then does something. */
const profile = <A, E>(path: string, nodes: number, then: Effect.Effect<A, E>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const listen = yield* profileFile(path, "test", warn)
      listen({ _tag: "Entered", phase: "evaluate" })
      for (let label = 0; label < nodes; label += 1) {
        listen({ _tag: "Started", kind: "action", rule: "a", label: String(label) })
        listen({ _tag: "Finished", kind: "action", rule: "a", label: String(label), ownMs: 1 })
      }
      return yield* then
    })
  )

const read = (path: string): ReadonlyArray<{ readonly name: string }> => JSON.parse(readFileSync(path, "utf8"))

const count = (path: string, rule: string): number => read(path).filter(({ name }) => name === rule).length

describe("a profile", () => {
  it("is JSON, however much is in it, in place of what was there", async () => {
    const path = join(folder, "whole.json")
    for (const nodes of [0, 1, 989, 990, 991, 992, 993, 994, 995, 996, 997, 998, 999, 3000]) {
      writeFileSync(path, "x".repeat(1_000_000))
      await Effect.runPromise(profile(path, nodes, Effect.void))
      expect(count(path, "a")).toBe(nodes)
      expect(count(path, "evaluate")).toBe(1)
    }
  })

  it("is whole where the run fails or is interrupted", async () => {
    const failed = join(folder, "failed.json")
    await Effect.runPromise(Effect.flip(profile(failed, 5, Effect.fail("no"))))
    expect(count(failed, "a")).toBe(5)
    const interrupted = join(folder, "interrupted.json")
    const fiber = Effect.runFork(profile(interrupted, 5, Effect.never))
    await Effect.runPromise(Effect.sleep("20 millis"))
    await Effect.runPromise(Fiber.interrupt(fiber))
    expect(count(interrupted, "a")).toBe(5)
  })

  it("is an error where it cannot be written, before anything is done", async () => {
    let done = false
    const work = Effect.sync(() => {
      done = true
    })
    const failure = await Effect.runPromise(Effect.flip(profile(join(folder, "absent/profile.json"), 0, work)))
    expect(failure).toMatchObject({ _tag: "UnwritableProfile" })
    expect(failure.message).toMatch(/^The profile .*absent\/profile\.json cannot be written: ENOENT/)
    expect(done).toBe(false)
  })

  it.skipIf(!existsSync("/dev/full"))(
    "is given up with a warning on a disk that is full, and the work goes on",
    async () => {
      expect(await Effect.runPromise(profile("/dev/full", 5000, Effect.succeed("done")))).toBe("done")
      expect(warnings).toEqual([expect.stringMatching(/^The profile \/dev\/full cannot be written: ENOSPC/)])
    }
  )
})
