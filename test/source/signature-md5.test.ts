import { readFileSync } from "node:fs"
import { Either, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { readPackageHead } from "../../src/rpm/package-head.ts"
import { sigmd5Of } from "../../src/rpm/signature.ts"
import { signatureMd5 } from "../../src/source/signature-md5.ts"
import { fixture, fixtureNames } from "../kit/fixtures.ts"
import { describeWithShared } from "../kit/oracle.ts"
import { realPackages } from "../rpm/real-packages.ts"

/** What the reader of packages says, where it can read the package at all. */
const properly = (bytes: Uint8Array): string | undefined =>
  Either.match(readPackageHead(bytes), { onLeft: () => undefined, onRight: sigmd5Of })

describe("the MD5 in a package's signature header", () => {
  it.each(["unsigned", "key-a"] as const)("is that which the reader of packages finds (%s)", (copy) => {
    for (const name of fixtureNames(copy)) {
      const bytes = readFileSync(fixture(copy, name))
      expect([name, signatureMd5(bytes)]).toEqual([name, properly(bytes)])
      expect(signatureMd5(bytes)).toMatch(/^[0-9a-f]{32}$/)
    }
  })

  it("is looked for in any bytes at no risk", () => {
    const whole = readFileSync(fixture("key-a", "hello-1.0-1.x86_64.rpm"))
    const damaged = fc.tuple(fc.nat(600), fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.nat(whole.length))
    fc.assert(
      fc.property(damaged, ([at, noise, length]) => {
        const bytes = Buffer.from(whole)
        bytes.set(noise, at)
        const found = signatureMd5(bytes.subarray(0, length))
        expect(found).toMatch(/^([0-9a-f]{32})?$/)
        const proper = properly(bytes)
        if (proper !== undefined && found !== "" && length === whole.length) expect(found).toBe(proper)
      })
    )
    expect(signatureMd5(Buffer.alloc(0))).toBe("")
  })
})

describeWithShared("rpms", "INDEX.tsv")("the MD5 in the signature headers of real packages", () => {
  it("is that which the reader of packages finds, wherever it can read them", () => {
    let found = 0
    for (const { bytes, file } of realPackages()) {
      const content = bytes()
      const md5 = signatureMd5(content.subarray(0, 1024 * 1024))
      const proper = properly(content)
      if (proper === undefined || md5 === "") continue
      found += 1
      expect([file, md5]).toEqual([file, proper])
    }
    expect(found).toBeGreaterThan(350)
  })
})
