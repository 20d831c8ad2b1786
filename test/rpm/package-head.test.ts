import { Either, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { headBytesNeeded, readPackageHead } from "../../src/rpm/package-head.ts"
import { describeWithShared } from "../kit/oracle.ts"
import {
  bin,
  good,
  int32,
  int64,
  LEAD,
  packageBytes,
  packageHead,
  problemOf,
  string,
  strings
} from "./package-builder.ts"
import { realPackages } from "./real-packages.ts"

/** Reads a head as a file reader does: some bytes first, then exactly what is said to be missing. */
const readInSteps = (file: Uint8Array, first: number) => {
  let prefix = file.subarray(0, first)
  for (let reads = 0; reads < 4; reads += 1) {
    const needed = good(headBytesNeeded(prefix))
    if (needed <= prefix.length) return { head: readPackageHead(prefix), prefix, needed }
    prefix = file.subarray(0, needed)
  }
  throw new Error("more than three further reads")
}

describe("the head of a package", () => {
  it("is lead, padded signature header and main header", () => {
    const file = packageBytes({ payload: Buffer.from("the payload") })
    const head = good(readPackageHead(file))
    expect(head.headerStart % 8).toBe(0)
    expect(file.subarray(head.headerEnd).toString()).toBe("the payload")
    expect(head.main.string(1000)).toBe("hello")
    expect(head.signature.number(1000)).toBe(file.length - head.headerStart)
  })

  it("is found by reading a little, and then no more than what is missing", () => {
    const file = packageBytes({ payload: Buffer.alloc(10_000) })
    const { headerEnd } = good(readPackageHead(file))
    for (const first of [0, 1, 50, 96, 111, 112, 300, headerEnd - 1]) {
      if (first === 0) continue
      const { head, prefix, needed } = readInSteps(file, first)
      expect(Either.isRight(head)).toBe(true)
      expect(prefix.length).toBe(headerEnd)
      expect(needed).toBe(headerEnd)
    }
    expect(readInSteps(file, 9_000).needed).toBe(headerEnd)
  })

  it("is refused when the file does not start as a package", () => {
    expect(problemOf(readPackageHead(Buffer.alloc(0)))).toBe("not a usable rpm package: the file is empty")
    expect(problemOf(headBytesNeeded(Buffer.from("version https://git-lfs.github.com/spec/v1")))).toContain(
      "does not start as a package"
    )
    expect(problemOf(headBytesNeeded(Buffer.from("drpm\0")))).toContain("delta rpm")
    expect(problemOf(readPackageHead(LEAD.subarray(0, 40)))).toContain("inside the lead")
    const lead = (at: number, value: number) => {
      const file = packageBytes({})
      file[at] = value
      return problemOf(readPackageHead(file))
    }
    expect(lead(4, 2)).toContain("unknown version 2")
    expect(lead(79, 1)).toContain("unknown signature type 1")
  })

  it("is refused when the file ends inside it", () => {
    const file = packageBytes({ payload: Buffer.alloc(0) })
    for (let length = 0; length < file.length; length += 1) {
      expect(Either.isLeft(readPackageHead(file.subarray(0, length)))).toBe(true)
    }
  })

  it("is refused when a size stands in both headers, as rpm refuses it", () => {
    const both = { main: [int32(1046, 10)], signature: [int32(1000, 5), int32(1007, 10)] }
    expect(problemOf(readPackageHead(packageBytes(both)))).toContain("tag 1046 stands in its main header too")
    expect(packageHead({ main: [int32(1046, 10)] }).main.number(1046)).toBe(10)
    const digest = { main: [string(269, "a".repeat(40))], signature: [int32(1000, 5)] }
    expect(problemOf(readPackageHead(packageBytes(digest)))).toContain("tag 269 stands in its main header too")
  })

  it("is refused when a signature tag is not what rpm expects", () => {
    const signed = (...signature: ReadonlyArray<ReturnType<typeof bin>>) =>
      problemOf(readPackageHead(packageBytes({ signature })))
    expect(signed(bin(1004, Buffer.alloc(15)))).toContain("signature tag 1004 has a wrong length")
    expect(signed(int32(1000, 1, 2))).toContain("signature tag 1000 has a wrong length")
    expect(signed(string(1004, "0".repeat(32)))).toContain("signature tag 1004 has the wrong type")
    expect(signed(strings(269, "0".repeat(40)))).toContain("signature tag 269 has the wrong type")
    expect(signed(int64(270, 1n))).toBe("good")
  })

  it("never throws, whatever bytes are changed", () => {
    const file = packageBytes({ main: [strings(1047, "hello", "sh"), int32(1112, 8, 0), strings(1113, "1.0-1", "")] })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }),
        (changes) => {
          const bytes = Buffer.from(file)
          for (const [at, value] of changes) bytes[at] = value
          headBytesNeeded(bytes)
          readPackageHead(bytes)
        }
      ),
      { numRuns: 2000 }
    )
  })
})

describeWithShared("rpms", "INDEX.tsv")("the heads of real packages", () => {
  it("are read exactly where rpm reads them", () => {
    const wrong = realPackages().filter(
      ({ bytes, column }) => Either.isRight(readPackageHead(bytes())) !== (column("status") === "readable")
    )
    expect(wrong.map(({ file }) => file)).toEqual([])
  })

  it("are of the format that rpm says", () => {
    for (const { file, bytes, column } of realPackages()) {
      const head = readPackageHead(bytes())
      if (Either.isLeft(head) || column("format") === "") continue
      const { main } = head.right
      const format = main.number(5114) === 6 ? "v6" : main.hasRegion ? "v4" : "v3"
      expect([file, format]).toEqual([file, column("format")])
      const names = main.has(1027) ? main.count(1027) : main.count(1117)
      expect([file, String(names)]).toEqual([file, column("files")])
      expect([file, String(main.count(1080))]).toEqual([file, column("changelogs")])
    }
  })

  it("never make the reader throw when bytes in them change", () => {
    const heads = realPackages()
      .filter(({ column }) => Number(column("size")) < 20_000)
      .map(({ bytes }) => bytes().subarray(0, 20_000))
    const change = fc.tuple(fc.nat(19_999), fc.nat(255))
    fc.assert(
      fc.property(fc.nat(heads.length - 1), fc.array(change, { minLength: 1, maxLength: 3 }), (which, changes) => {
        const bytes = Buffer.from(heads[which] ?? [])
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        headBytesNeeded(bytes)
        readPackageHead(bytes)
      }),
      { numRuns: 1500 }
    )
  })
})
