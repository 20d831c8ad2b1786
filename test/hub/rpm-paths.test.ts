import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { fixture, fixtureKeys } from "../kit/fixtures.ts"
import { inNewHub } from "../kit/hub.ts"

const rpm = "minish-5-2.x86_64.rpm"

/** What the hub records of a file. */
const recorded = (path: string) => {
  const bytes = readFileSync(path)
  return { sha256: createHash("sha256").update(bytes).digest("hex"), size: bytes.length }
}

describe("the path of a file", () => {
  it("is that of the primary or the signed copy with these bytes, relative to the topdir", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        yield* hub.importRpms([fixture("unsigned", rpm)])
        yield* hub.importSignatures([fixture("key-a", rpm)])
        expect(yield* hub.rpmPaths([recorded(fixture("unsigned", rpm))])).toEqual([`packages/minish/5/2/x86_64/${rpm}`])
        const signed = `packages/minish/5/2/data/signed/${fixtureKeys.a}/x86_64/${rpm}`
        expect(yield* hub.rpmPaths([recorded(fixture("key-a", rpm))])).toEqual([signed])
      })
    ))

  it("is that of the primary copy, which stays as long as its build, where a signed one has the same bytes", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        yield* hub.importRpms([fixture("key-a", rpm)])
        yield* hub.writeSignedRpms(fixtureKeys.a, ["minish-5-2.x86_64"])
        const [known] = yield* hub.buildRpms("minish-5-2")
        expect(known?.signatures).toEqual([{ sigkey: fixtureKeys.a, copy: known?.primary }])
        expect(yield* hub.rpmPaths([recorded(fixture("key-a", rpm))])).toEqual([`packages/minish/5/2/x86_64/${rpm}`])
      })
    ))

  it("is found by way of the copy that an rpm has for a key, many at once", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        yield* hub.importRpms([fixture("unsigned", rpm)])
        yield* hub.importSignatures([fixture("key-a", rpm)])
        const [{ id } = { id: 0 }] = yield* hub.buildRpms("minish-5-2")
        const wanted = [
          { id, sigkey: fixtureKeys.a },
          { id, sigkey: fixtureKeys.b },
          { id, sigkey: null },
          { id: id + 1, sigkey: null }
        ]
        expect(yield* hub.rpmFiles(wanted)).toEqual([
          recorded(fixture("key-a", rpm)),
          null,
          recorded(fixture("unsigned", rpm)),
          null
        ])
        expect(yield* hub.rpmFiles([])).toEqual([])
      })
    ))

  it("is none where the hub has no file of this digest and size", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        yield* hub.importRpms([fixture("unsigned", rpm)])
        const file = recorded(fixture("unsigned", rpm))
        const otherSize = { ...file, size: file.size + 1 }
        const other = recorded(fixture("key-a", rpm))
        const known = `packages/minish/5/2/x86_64/${rpm}`
        expect(yield* hub.rpmPaths([otherSize, file, other])).toEqual([null, known, null])
      })
    ))
})
