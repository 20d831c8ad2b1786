import { Either, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { readHeader } from "../../src/rpm/header.ts"
import { headerSize } from "../../src/rpm/header-layout.ts"
import {
  bin,
  type Entry,
  good,
  headerBytes,
  i18n,
  int16,
  int32,
  int64,
  problemOf,
  string,
  strings
} from "./package-builder.ts"

const main = (...entries: ReadonlyArray<Entry>) => headerBytes(entries, 63)
const read = (bytes: Uint8Array) => readHeader(bytes, 0, "main")

/** The header with one 32-bit field overwritten: entry 0 is the region, then come the entries by tag. */
const patched = (
  bytes: Uint8Array,
  entry: number,
  field: "tag" | "type" | "offset" | "count",
  value: number
): Buffer => {
  const copy = Buffer.from(bytes)
  copy.writeInt32BE(value | 0, 16 + 16 * entry + 4 * ["tag", "type", "offset", "count"].indexOf(field))
  return copy
}

describe("a header", () => {
  it("gives the values of its tags", () => {
    const header = good(
      read(
        main(
          string(1000, "bash"),
          int32(1003, 4294967295),
          int64(5009, 18446744073709551615n),
          int16(1030, 0o100644, 0o40755),
          strings(1047, "bash", "", "config(bash)"),
          bin(261, Buffer.from([1, 2, 3]))
        )
      )
    )
    expect(header.string(1000)).toBe("bash")
    expect(header.number(1003)).toBe(4294967295)
    expect(header.decimal(5009)).toBe("18446744073709551615")
    expect(header.numbers(1030)).toEqual([0o100644, 0o40755])
    expect(header.strings(1047)).toEqual(["bash", "", "config(bash)"])
    expect(header.bytes(261)).toEqual(Buffer.from([1, 2, 3]))
    expect(header.count(1047)).toBe(3)
    expect(header.hasRegion).toBe(true)
  })

  it("has nothing to say for tags it does not hold", () => {
    const header = good(read(main(string(1000, "bash"))))
    expect(header.has(1001)).toBe(false)
    expect(header.string(1001)).toBeUndefined()
    expect(header.strings(1001)).toEqual([])
    expect(header.number(1001)).toBeUndefined()
    expect(header.numbers(1001)).toEqual([])
    expect(header.bytes(1001)).toBeUndefined()
  })

  it("takes a string array for a string, and integers for a number, only if they have one element", () => {
    const header = good(read(main(strings(1000, "one"), strings(1001, "one", "two"), int32(1003, 1, 2))))
    expect(header.string(1000)).toBe("one")
    expect(header.string(1001)).toBeUndefined()
    expect(header.number(1003)).toBeUndefined()
  })

  it("gives the C locale's text of an I18N string, or the first", () => {
    expect(good(read(main(strings(100, "de", "C"), i18n(1004, "Muschel", "shell")))).string(1004)).toBe("shell")
    expect(good(read(main(strings(100, "de", "fr"), i18n(1004, "Muschel", "coque")))).string(1004)).toBe("Muschel")
    expect(good(read(main(strings(100, "de", "C"), i18n(1004, "Muschel")))).string(1004)).toBe("Muschel")
    expect(good(read(main(i18n(1004, "shell")))).string(1004)).toBe("shell")
  })

  it("gives texts of unknown encoding as bytes", () => {
    const header = good(read(main(string(1000, "b\xe4sh"), string(1001, "b\xc3\xa4sh"))))
    expect(header.byteString(1000)).toBe("b\xe4sh")
    expect(header.string(1000)).toBe("b\ufffdsh")
    expect(header.string(1001)).toBe("bäsh")
  })

  it("may be of v3, without a region", () => {
    const header = good(read(headerBytes([string(1000, "bash")], null)))
    expect(header.hasRegion).toBe(false)
    expect(header.string(1000)).toBe("bash")
  })

  it("counts the first of two entries with one tag", () => {
    expect(good(read(main(string(1000, "a"), string(1000, "b")))).string(1000)).toBe("a")
  })
})

describe("a broken header", () => {
  const fine = main(string(1000, "bash"), int32(1003, 1), strings(1047, "bash", "sh"))

  it.each([
    ["a reserved tag", patched(fine, 1, "tag", 99), "reserved tag"],
    ["a negative tag", patched(fine, 1, "tag", -5), "reserved tag"],
    ["type 0", patched(fine, 1, "type", 0), "unknown type"],
    ["type 10", patched(fine, 1, "type", 10), "unknown type"],
    ["no elements", patched(fine, 2, "count", 0), "claims 0 elements"],
    ["more elements than its store has bytes", patched(fine, 3, "count", 2147483647), "claims 2147483647 elements"],
    ["a single string that claims two", patched(fine, 1, "count", 2), "is one string"],
    ["a negative offset", patched(fine, 2, "offset", -4), "out of order or out of range"],
    ["an offset beyond the store", patched(fine, 2, "offset", 4096), "out of order or out of range"],
    ["data before the end of the entry before", patched(fine, 2, "offset", 4), "out of order"],
    ["an unaligned integer", patched(fine, 2, "offset", 9), "unaligned"],
    ["a string array that reaches into the trailer", patched(fine, 3, "count", 3), "region trailer"],
    ["an integer where the tag has a string", patched(fine, 1, "type", 4), "which its tag does not allow"],
    ["a region tag of another size", patched(fine, 0, "count", 17), "region tag is malformed"],
    ["a region trailer outside", patched(fine, 0, "offset", 4096), "region trailer lies outside"],
    ["a region trailer elsewhere", patched(fine, 0, "offset", 2), "region trailer is malformed"]
  ])("is refused for %s", (_, bytes, reason) => {
    expect(problemOf(read(bytes))).toContain(reason)
  })

  it("is refused without entries, and above rpm's limits", () => {
    const claiming = (entries: number, store: number) => {
      const intro = Buffer.from(fine.subarray(0, 16))
      intro.writeUInt32BE(entries, 8)
      intro.writeUInt32BE(store, 12)
      return intro
    }
    expect(problemOf(headerSize(claiming(0, 1), 0, "main"))).toContain("no index entries")
    expect(problemOf(headerSize(claiming(65536, 1), 0, "main"))).toContain("65536 index entries")
    expect(problemOf(headerSize(claiming(33, 1), 0, "signature"))).toContain("33 index entries")
    expect(problemOf(headerSize(claiming(1, 0x10000000), 0, "main"))).toContain("268435456 bytes")
    expect(problemOf(headerSize(claiming(1, 67108865), 0, "signature"))).toContain("67108865 bytes")
    expect(problemOf(headerSize(claiming(4294967295, 4294967295), 0, "main"))).toContain("4294967295")
    expect(problemOf(headerSize(claiming(65535, 0x0fffffff), 0, "main"))).toContain("more than rpm accepts")
    expect(good(headerSize(claiming(32, 67108864), 0, "signature"))).toBe(16 + 512 + 67108864)
  })

  it("is refused when it is cut off anywhere", () => {
    for (let length = 0; length < fine.length; length += 1) {
      expect(problemOf(read(fine.subarray(0, length)))).toContain("cut off")
    }
  })

  it("is refused when bytes lie between its data", () => {
    const gap = bin(1146, Buffer.alloc(8))
    const shortened = patched(main(string(1000, "bash"), gap), 2, "count", 4)
    expect(problemOf(read(shortened))).toContain("do not fill it")
  })

  it("never throws, whatever bytes come", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom("main" as const, "signature" as const),
        (bytes, kind) => {
          const result = readHeader(Buffer.concat([fine.subarray(0, 8), bytes]), 0, kind)
          return Either.isLeft(result) || result.right.size > 0
        }
      )
    )
  })

  it("never throws for a good header with bytes changed, and what it takes can be read", () => {
    const change = fc.tuple(fc.nat(fine.length - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Buffer.from(fine)
        for (const [at, value] of changes) bytes[at] = value
        const result = read(bytes)
        if (Either.isLeft(result)) return
        for (const tag of [1000, 1003, 1047]) {
          result.right.string(tag)
          result.right.strings(tag)
          result.right.decimal(tag)
          result.right.bytes(tag)
        }
      }),
      { numRuns: 2000 }
    )
  })
})
