import { FastCheck as fc, Option } from "effect"
import { describe, expect, it } from "vitest"
import { compressedInteger, readCompressedInteger } from "../../src/repodata/compressed-integer.ts"

describe("a compressed integer", () => {
  it.each([
    [0, "80"],
    [1, "81"],
    [127, "ff"],
    [128, "0081"],
    [316, "3c82"],
    [16384, "000081"]
  ])("of %i is %s, as the format has it", (value, hex) => {
    expect(Buffer.from(compressedInteger(value)).toString("hex")).toBe(hex)
  })

  it("is read as it was written, wherever it stands", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.uint8Array({ maxLength: 20 }), (value, before) => {
        const bytes = Buffer.concat([before, compressedInteger(value), Buffer.of(7)])
        expect(readCompressedInteger(bytes, before.length)).toEqual(
          Option.some({ value, end: before.length + compressedInteger(value).length })
        )
      })
    )
  })

  it("is none where it does not end", () => {
    expect(readCompressedInteger(Buffer.of(1, 2), 0)).toEqual(Option.none())
    expect(readCompressedInteger(Buffer.alloc(0), 0)).toEqual(Option.none())
    expect(readCompressedInteger(Buffer.alloc(20, 1), 0)).toEqual(Option.none())
  })

  it("is none where it is above what is counted exactly", () => {
    const tooLarge = Buffer.from("7f7f7f7f7f7f7f7fff", "hex")
    expect(readCompressedInteger(tooLarge, 0)).toEqual(Option.none())
    const largest = compressedInteger(Number.MAX_SAFE_INTEGER)
    expect(Option.getOrThrow(readCompressedInteger(largest, 0)).value).toBe(Number.MAX_SAFE_INTEGER)
  })
})
