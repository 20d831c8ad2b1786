import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SystemError } from "@effect/platform/Error"
import { layer } from "@effect/platform-node/NodeFileSystem"
import { Deferred, Effect, Either, Fiber } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { Hub } from "../../src/hub/hub.ts"
import { openRpm } from "../../src/hub/rpm-file.ts"
import { makeStaging } from "../../src/hub/staging.ts"
import { fixture, fixtureNames } from "../kit/fixtures.ts"
import { changedFiles } from "./changed-files.ts"

let topdir = ""
beforeEach(() => {
  topdir = mkdtempSync(join(tmpdir(), "distgraph-staging-"))
})
afterEach(() => rmSync(topdir, { recursive: true, force: true }))

const file = fixture("unsigned", "clockwork-3.2-4.x86_64.rpm")
const staged = () =>
  existsSync(join(topdir, "work")) ? readdirSync(join(topdir, "work"), { recursive: true, encoding: "utf8" }) : []

/** Stages one package and gives what lies in the staging folders then. */
const stageOne = Effect.scoped(
  Effect.gen(function* () {
    const staging = yield* makeStaging(topdir)
    const copy = yield* staging.rpm(yield* openRpm(file), file, "0.rpm")
    return { copy, names: staged() }
  })
)

describe("staging", () => {
  it("copies a package into a folder of its own, which is gone afterwards, but not what was placed", async () => {
    const { copy, names } = await Effect.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const staging = yield* makeStaging(topdir)
          const copy = yield* staging.rpm(yield* openRpm(file), file, "0.rpm")
          const names = staged()
          copy.placeAt("packages/clockwork/whole.rpm")
          return { copy, names }
        })
      ).pipe(Effect.provide(layer))
    )
    expect(names.map((name) => name.replace(/^import-\w{6}/, "import-"))).toEqual(["import-", "import-/0.rpm"])
    expect(staged()).toEqual([])
    expect(readFileSync(join(topdir, "packages/clockwork/whole.rpm")).equals(readFileSync(file))).toBe(true)
    expect(copy.size).toBe(readFileSync(file).length)
  })

  it("tells of a full disk in the system's words, and leaves nothing on it", async () => {
    const full = new SystemError({
      module: "FileSystem",
      method: "writeAll",
      reason: "Unknown",
      cause: new Error("ENOSPC: no space left on device, write")
    })
    const result = await Effect.runPromise(
      Effect.either(stageOne).pipe(Effect.provide(changedFiles(() => ({ writeAll: () => Effect.fail(full) }))))
    )
    if (Either.isRight(result)) throw new Error("it was staged")
    expect(result.left.message).toBe(`The hub in ${topdir} cannot be used: ENOSPC: no space left on device, write`)
    expect(staged()).toEqual([])
  })

  it("says what is in the way of its folder", async () => {
    writeFileSync(join(topdir, "work"), "")
    const error = await Effect.runPromise(Effect.flip(stageOne).pipe(Effect.provide(layer)))
    expect(error.message).toMatch(/cannot be used: (EEXIST|ENOTDIR): .*work'$/)
  })

  it("ends a write that was begun, when interrupted, before it closes the file and removes the folder", async () => {
    const written = await Effect.runPromise(
      Effect.gen(function* () {
        const begun = yield* Deferred.make<void>()
        const sizes: Array<number> = []
        const slowly = changedFiles((opened) => ({
          writeAll: (bytes) =>
            Effect.gen(function* () {
              yield* Deferred.succeed(begun, undefined)
              yield* Effect.sleep("30 millis")
              yield* opened.writeAll(bytes)
              sizes.push(Number((yield* opened.stat).size))
            })
        }))
        const fiber = yield* Effect.fork(Effect.provide(stageOne, slowly))
        yield* Deferred.await(begun)
        const exit = yield* Fiber.interrupt(fiber)
        expect(exit._tag).toBe("Failure")
        return sizes
      })
    )
    expect(written).toEqual([readFileSync(file).length])
    expect(staged()).toEqual([])
  })
})

describe("an import that is interrupted", () => {
  it("leaves no file aside and can be done again", async () => {
    const files = fixtureNames("unsigned").map((name) => fixture("unsigned", name))
    const outcomes = await Effect.runPromise(
      Effect.gen(function* () {
        const hub = yield* Hub
        for (const delay of [0, 2, 5, 10]) {
          const fiber = yield* Effect.fork(hub.importRpms(files))
          yield* Effect.sleep(delay)
          yield* Fiber.interrupt(fiber)
          expect(staged()).toEqual([])
        }
        return yield* hub.importRpms(files)
      }).pipe(Effect.provide(Hub.layer(topdir, { user: "tester" })))
    )
    expect(outcomes.length).toBe(files.length)
  })
})
