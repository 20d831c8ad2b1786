import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { contentPieces } from "../../src/repodata/content-pieces.ts"

const KiB = 1024

/** A text like those of repositories: elements that differ in little. */
const document = (elements: number, name: (at: number) => string = (at) => `package-${at * 7919}`): Buffer =>
  Buffer.from(
    Array.from(
      { length: elements },
      (_, at) => `  <group>\n    <id>${name(at)}</id>\n    <name>${name(at)} of ${at % 13}</name>\n  </group>\n`
    ).join("")
  )

const texts = (bytes: Uint8Array) => contentPieces(bytes).map((piece) => Buffer.from(piece).toString("latin1"))

describe("the pieces of a text", () => {
  it("are the text, put one behind the other, and none is too long or, but for the last, too short", () => {
    const text = fc.oneof(
      fc.uint8Array({ maxLength: 400 * KiB, size: "max" }),
      fc.nat(6000).map((elements) => document(elements)),
      fc.nat(300 * KiB).map((length) => Buffer.alloc(length, "a"))
    )
    fc.assert(
      fc.property(text, (bytes) => {
        const pieces = contentPieces(bytes)
        expect(Buffer.concat(pieces).equals(bytes)).toBe(true)
        for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(128 * KiB)
        for (const piece of pieces.slice(0, -1)) expect(piece.length).toBeGreaterThanOrEqual(8 * KiB)
        expect(pieces.every((piece) => piece.length > 0)).toBe(true)
      }),
      { numRuns: 30 }
    )
  })

  it("are about as long as libzck's", () => {
    const text = document(60_000)
    const average = text.length / contentPieces(text).length
    expect(average).toBeGreaterThan(24 * KiB)
    expect(average).toBeLessThan(100 * KiB)
  })

  it("stay what they were but for the few where something was put in", () => {
    const before = document(20_000)
    const middle = Math.floor(before.length / 2)
    const after = Buffer.concat([before.subarray(0, middle), Buffer.from("<new/>\n"), before.subarray(middle)])
    const old = new Set(texts(before))
    const fresh = texts(after).filter((piece) => !old.has(piece))
    expect(old.size).toBeGreaterThan(20)
    expect(fresh.length).toBeLessThanOrEqual(3)
  })
})
