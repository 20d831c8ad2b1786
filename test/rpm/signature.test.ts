import { existsSync, readdirSync, readFileSync } from "node:fs"
import { Either, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { issuerKeyId } from "../../src/rpm/openpgp.ts"
import { LEAD_SIZE, readPackageHead } from "../../src/rpm/package-head.ts"
import { sigkeyOf, sigmd5Of, signedCopyParts } from "../../src/rpm/signature.ts"
import { describeWithShared, sharedPath } from "../kit/oracle.ts"
import { bin, good, int32, packageBytes, packageHead, problemOf, string, strings } from "./package-builder.ts"
import { realPackages } from "./real-packages.ts"

const KEY_ID = [0xde, 0xad, 0xbe, 0xef, 0x11, 0x22, 0xaa, 0xbb]
const subpacket = (type: number, data: ReadonlyArray<number>) => [data.length + 1, type, ...data]

const v4 = (hashed: ReadonlyArray<number>, unhashed: ReadonlyArray<number> = []) =>
  packet([4, 0, 1, 8, 0, hashed.length, ...hashed, 0, unhashed.length, ...unhashed, 0x12, 0x34, 0, 1, 1])
const packet = (body: ReadonlyArray<number>) => Buffer.from([0x88, body.length, ...body])

describe("the issuer of an OpenPGP signature", () => {
  it("is the key id subpacket, hashed or not", () => {
    expect(good(issuerKeyId(v4(subpacket(16, KEY_ID))))).toBe("deadbeef1122aabb")
    expect(good(issuerKeyId(v4(subpacket(2, [1, 2, 3, 4]), subpacket(16, KEY_ID))))).toBe("deadbeef1122aabb")
    expect(good(issuerKeyId(v4(subpacket(16 | 0x80, KEY_ID))))).toBe("deadbeef1122aabb")
  })

  it("is the end of the fingerprint where no key id is given, the start of a version 6 key's", () => {
    const fingerprint = Array.from({ length: 12 }, () => 0)
    expect(good(issuerKeyId(v4(subpacket(33, [4, ...fingerprint, ...KEY_ID]))))).toBe("deadbeef1122aabb")
    expect(good(issuerKeyId(v4(subpacket(33, [6, ...KEY_ID, ...fingerprint, ...fingerprint]))))).toBe(
      "deadbeef1122aabb"
    )
  })

  it("stands at a fixed place in version 3", () => {
    expect(good(issuerKeyId(packet([3, 5, 0, 0, 0, 0, 1, ...KEY_ID, 1, 8, 0x12, 0x34])))).toBe("deadbeef1122aabb")
  })

  it("is read from new-format packets too", () => {
    const body = v4(subpacket(16, KEY_ID)).subarray(2)
    expect(good(issuerKeyId(Buffer.concat([Buffer.from([0xc2, body.length]), body])))).toBe("deadbeef1122aabb")
    expect(good(issuerKeyId(Buffer.concat([Buffer.from([0xc2, 255, 0, 0, 0, body.length]), body])))).toBe(
      "deadbeef1122aabb"
    )
  })

  it.each([
    [Buffer.alloc(0), "no OpenPGP packet"],
    [Buffer.from([0x99, 0, 1, 4]), "no signature packet"],
    [v4([]), "names no issuer"],
    [v4([...subpacket(16, KEY_ID), ...subpacket(16, KEY_ID)]), "more than one issuer"],
    [packet([5, 0]), "unknown version 5"],
    [packet([4, 0, 1, 8, 9, 9]), "cut off"],
    [packet([3, 5, 0, 0]), "cut off"],
    [v4([200, 16]), "subpackets is broken"],
    [Buffer.concat([v4(subpacket(16, KEY_ID)), Buffer.alloc(1)]), "length is not that of its packet"]
  ])("is unknown for broken ones", (bytes, problem) => {
    expect(issuerKeyId(bytes)).toEqual(Either.left(expect.stringContaining(problem)))
  })

  it("never makes the reader throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        issuerKeyId(bytes)
        issuerKeyId(packet([4, ...bytes]))
      }),
      { numRuns: 2000 }
    )
  })
})

describe("the sigkey of a package", () => {
  const other = v4(subpacket(16, [9, 9, 9, 9, 9, 9, 9, 9]))
  const ours = v4(subpacket(16, KEY_ID))
  const sigkey = (...signature: ReadonlyArray<ReturnType<typeof bin>>) =>
    good(sigkeyOf(packageHead({ signature: [int32(1000, 1), ...signature] }).signature))

  it("is empty for unsigned packages", () => {
    expect(sigkey()).toBe("")
  })

  it("is the last four bytes of the issuer, of the first tag in the order GPG, PGP, DSA, RSA", () => {
    expect(sigkey(bin(1005, ours), bin(1002, other), bin(267, other), bin(268, other))).toBe("1122aabb")
    expect(sigkey(bin(1002, ours), bin(267, other), bin(268, other))).toBe("1122aabb")
    expect(sigkey(bin(267, ours), bin(268, other))).toBe("1122aabb")
    expect(sigkey(bin(268, ours))).toBe("1122aabb")
  })

  it("is found in the tag of v6 packages", () => {
    expect(sigkey(strings(278, ours.toString("base64")))).toBe("1122aabb")
  })

  it("is a problem when the signature cannot be read", () => {
    const { signature } = packageHead({ signature: [bin(268, Buffer.from("rubbish!"))] })
    expect(problemOf(sigkeyOf(signature))).toContain("its signature cannot be read")
  })
})

/** The raw signature header, padding included, as Koji caches it. */
const headerOf = (file: Uint8Array): Uint8Array => file.subarray(LEAD_SIZE, good(readPackageHead(file)).headerStart)

describe("a signed copy", () => {
  it("is refused with the signature header of another package", () => {
    const parts = (file: Uint8Array, from: Uint8Array) => signedCopyParts(file, headerOf(from))
    const hello = packageBytes({})
    expect(problemOf(parts(hello, packageBytes({ payload: Buffer.from("other") })))).toContain("wrong MD5")
    const md5 = bin(1004, Buffer.from(sigmd5Of(good(readPackageHead(hello))), "hex"))
    const forged = packageBytes({ signature: [md5, string(273, "0".repeat(64))] })
    expect(problemOf(parts(hello, forged))).toContain("sha256")
    expect(problemOf(signedCopyParts(hello, headerOf(hello).subarray(0, -1)))).not.toBe("good")
  })
})

describeWithShared(
  "oracle",
  "rpms",
  "keyA"
)("signed copies of a real Koji", () => {
  it.each(["keyA", "keyB"])("are the unsigned package with the signature header spliced in (%s)", (key) => {
    const names = readdirSync(sharedPath("oracle", "rpms", key)).filter((name) =>
      existsSync(sharedPath("oracle", "rpms", "unsigned", name))
    )
    expect(names.length).toBeGreaterThan(10)
    for (const name of names) {
      const unsigned = readFileSync(sharedPath("oracle", "rpms", "unsigned", name))
      const signed = readFileSync(sharedPath("oracle", "rpms", key, name))
      const { lead, signature, restOffset } = good(signedCopyParts(unsigned, headerOf(signed)))
      expect([name, Buffer.concat([lead, signature, unsigned.subarray(restOffset)]).equals(signed)]).toEqual([
        name,
        true
      ])
      const head = good(readPackageHead(signed))
      expect(sigmd5Of(head)).toBe(sigmd5Of(good(readPackageHead(unsigned))))
      expect(good(sigkeyOf(head.signature))).toBe(key === "keyA" ? "b234aeac" : "eaab7777")
    }
  })
})

describeWithShared("rpms", "INDEX.tsv")("the sigkeys of real packages", () => {
  it("are those of the signatures that rpm and gpg see in them", () => {
    for (const { file, bytes, column } of realPackages()) {
      const head = readPackageHead(bytes())
      if (Either.isLeft(head)) continue
      const [keys = ""] = column("keys").split(/[ ,+]/)
      const expected = keys === "none" ? "" : (keys.split(":")[0] ?? "").slice(-8)
      expect([file, good(sigkeyOf(head.right.signature))]).toEqual([file, expected])
    }
  })
})
