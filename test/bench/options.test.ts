import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { caseNames } from "./cases/case.ts"
import { readOptions, usage } from "./options.ts"

const options = (...args: ReadonlyArray<string>) => Either.getOrThrow(readOptions(args))
const refusal = (...args: ReadonlyArray<string>) => Either.getOrThrow(Either.flip(readOptions(args)))

describe("the options of the bench", () => {
  it("are by default two sizes, four arches, every case, payloads of 64 KiB and 1 MiB", () => {
    expect(options()).toMatchObject({
      packages: [2000, 7000],
      arches: ["x86_64", "aarch64", "ppc64le", "s390x"],
      payload: 65_536,
      largePayload: 1_048_576,
      cases: caseNames,
      breakdown: true,
      data: undefined
    })
  })

  it("are read", () => {
    const args = "--packages 20000 --arches 1 --cases cold,one-build --rounds 5 --compress zstd --no-breakdown --data d"
    expect(options(...args.split(" "))).toMatchObject({
      packages: [20_000],
      arches: ["x86_64"],
      cases: ["cold", "one-build"],
      rounds: 5,
      compress: "zstd",
      breakdown: false,
      data: "d"
    })
  })

  it("are refused by name", () => {
    expect(refusal("--packages", "2000,many")).toBe('--packages: "many" is not understood')
    expect(refusal("--cases", "cold,luke-warm")).toBe('--cases: "luke-warm" is not understood')
    expect(refusal("--arches", "5")).toBe("--arches: there are 4")
    expect(refusal("--rounds", "0")).toBe('--rounds: "0" is not understood')
    expect(refusal("--rounds", "1,2")).toBe("--rounds: one number")
    expect(refusal("--compress", "xz")).toBe("--compress: gz or zstd")
    expect(refusal("--fast")).toContain("--fast")
  })

  it("are all in the help", () => {
    expect(options("--help")).toBeUndefined()
    for (const name of caseNames) expect(usage).toContain(name)
  })
})
