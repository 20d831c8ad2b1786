import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { type File, Size } from "@effect/platform/FileSystem"
import { layer } from "@effect/platform-node/NodeFileSystem"
import { Effect, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { openRpm } from "../../src/hub/rpm-file.ts"
import { verifyRpm } from "../../src/hub/staging.ts"
import { fixture, fixtureNames } from "../kit/fixtures.ts"
import { changedFiles } from "./changed-files.ts"

const names = fixtureNames("key-a")
const packageFile = (number: number): string => fixture("key-a", names[number % names.length] ?? "")

const openedAs = (file: string, change: (file: File) => Partial<File>) =>
  Effect.scoped(
    Effect.flatMap(openRpm(file), (rpm) =>
      Effect.map(verifyRpm(rpm, file), (copy) => ({ copy, prefix: rpm.prefix, nvra: rpm.facts.nvra }))
    )
  ).pipe(Effect.provide(changedFiles(change)))

const refused = (file: string): Promise<string> =>
  Effect.runPromise(
    Effect.flip(Effect.scoped(openRpm(file))).pipe(
      Effect.map((error) => error.message),
      Effect.provide(layer)
    )
  )

describe("opening a package", () => {
  it("gives the same however little the system gives at a time", () =>
    fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 20_000 }), async (number, most) => {
        const file = packageFile(number)
        const bytes = readFileSync(file)
        const { copy, prefix, nvra } = await Effect.runPromise(
          openedAs(file, (opened) => ({ read: (buffer) => opened.read(buffer.subarray(0, most)) }))
        )
        expect(copy).toEqual({ sha256: createHash("sha256").update(bytes).digest("hex"), size: bytes.length })
        expect(bytes.subarray(0, prefix.length).equals(prefix)).toBe(true)
        expect(file.endsWith(`/${nvra}.rpm`)).toBe(true)
      }),
      { numRuns: 30 }
    ))

  it("refuses a file that becomes shorter meanwhile", async () => {
    const file = packageFile(0)
    const error = await Effect.runPromise(
      Effect.flip(
        openedAs(file, (opened) => ({
          stat: Effect.map(opened.stat, (info) => ({ ...info, size: Size(Number(info.size) + 10_000) })),
          read: (buffer) => Effect.map(opened.read(buffer.subarray(0, 200)), (read) => (read < 200n ? Size(0) : read))
        }))
      )
    )
    expect(error.message).toBe(`${file}: the file became shorter while it was read`)
  })

  it("says in the system's words what keeps a file from being read", async () => {
    expect(await refused("/nowhere/a.rpm")).toBe("/nowhere/a.rpm: no such file")
    expect(await refused(`${packageFile(0)}/below`)).toMatch(/below: not a directory$/)
    expect(await refused("a\0.rpm")).toMatch(/: The argument 'path' must be .* without null bytes/)
    expect(await refused(tmpdir())).toBe(`${tmpdir()}: it is a directory; for what is in it, give ${tmpdir()}/*.rpm`)
  })
})
