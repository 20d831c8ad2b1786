import { createHash } from "node:crypto"
import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { isDeltaRpm, startDigests } from "../../src/rpm/package-digests.ts"
import { readPackageHead } from "../../src/rpm/package-head.ts"
import { describeWithShared } from "../kit/oracle.ts"
import { good, int32, type Parts, packageBytes, problemOf, string, strings } from "./package-builder.ts"
import { realPackages } from "./real-packages.ts"

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

const check = (file: Uint8Array, pieces: number) => {
  const digests = startDigests(good(readPackageHead(file)))
  for (let at = 0; at < file.length; at += pieces) digests.update(file.subarray(at, at + pieces))
  return digests.finish()
}

describe("the digests of a package", () => {
  it("are right for a whole package, in whatever pieces it comes", () => {
    const file = packageBytes({ main: [strings(5092, sha256(Buffer.from("payload"))), int32(5093, 8)] })
    for (const pieces of [1, 7, 96, 1000, file.length]) {
      expect(good(check(file, pieces))).toEqual({ sha256: sha256(file), size: file.length })
    }
  })

  it("show every changed or missing byte behind the signature header", () => {
    const file = packageBytes({})
    const { headerStart } = good(readPackageHead(file))
    for (let at = headerStart; at < file.length; at += 1) {
      const changed = Buffer.from(file)
      changed[at] = (changed[at] ?? 0) ^ 1
      if (Either.isRight(readPackageHead(changed))) expect(Either.isLeft(check(changed, 64))).toBe(true)
    }
    expect(problemOf(check(file.subarray(0, -1), 64))).toContain("damaged or cut off")
    expect(problemOf(check(Buffer.concat([file, Buffer.alloc(1)]), 64))).toContain("damaged or cut off")
  })

  it("say what is wrong", () => {
    const problem = (parts: Parts) => problemOf(check(packageBytes(parts), 4096))
    expect(problem({ main: [strings(5092, "0".repeat(64))] })).toContain("payload does not have the sha256")
    expect(problem({ signature: [string(269, "0".repeat(40))] })).toContain("main header does not have the sha1")
    expect(problem({ signature: [string(273, "0".repeat(64))] })).toContain("main header does not have the sha256")
  })

  it("must cover header and payload together", () => {
    const payload = strings(5092, sha256(Buffer.from("payload")))
    expect(problemOf(check(packageBytes({ signature: [int32(1000, 1)] }), 4096))).toContain("no digests")
    expect(problemOf(check(packageBytes({ main: [payload], signature: [int32(1000, 1)] }), 4096))).toContain(
      "no digests"
    )
  })

  it("may be of the payload without compression, where some tool stripped it", () => {
    const main = [strings(5092, "0".repeat(64)), strings(5097, sha256(Buffer.from("payload")))]
    expect(problemOf(check(packageBytes({ main }), 4096))).toBe("good")
  })
})

describe("a delta rpm", () => {
  it("is told by its payload's format", () => {
    const head = (format: string) => good(readPackageHead(packageBytes({ main: [string(1124, format)] })))
    expect(isDeltaRpm(head("drpm"))).toBe(true)
    expect(isDeltaRpm(head("cpio"))).toBe(false)
  })
})

describeWithShared("rpms", "INDEX.tsv")("the digests of real packages", () => {
  it("are found right and wrong as rpmkeys finds them", () => {
    for (const { file, bytes, column } of realPackages()) {
      const content = bytes()
      const head = readPackageHead(content)
      if (Either.isLeft(head)) continue
      expect([file, isDeltaRpm(head.right)]).toEqual([file, column("kind").startsWith("drpm")])
      if (isDeltaRpm(head.right)) continue
      const result = check(content, 65536)
      expect([file, Either.isRight(result)]).toEqual([file, column("check") === "ok"])
      if (Either.isRight(result))
        expect(result.right).toEqual({ sha256: column("sha256"), size: Number(column("size")) })
    }
  })
})
