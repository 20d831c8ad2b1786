import { Either, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { Digest, digestOf, hashOf, isDigest, makeDigest, sizeOf } from "../../graph/index.ts"

// From FIPS 180-2: the sha256 of "abc".
const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

describe("a digest", () => {
  it("is the sha256 and the size of bytes", () => {
    const digest = digestOf(Buffer.from("abc"))
    expect(digest).toBe(`${abc}/3`)
    expect([hashOf(digest), sizeOf(digest)]).toEqual([abc, 3])
    expect(makeDigest(abc, 3)).toBe(digest)
  })

  it.each([
    ["upper case", `${abc.toUpperCase()}/3`],
    ["no size", abc],
    ["a negative size", `${abc}/-3`],
    ["a leading zero", `${abc}/03`],
    ["a line break at the end", `${abc}/3\n`],
    ["a path", "../../etc/passwd"]
  ])("is not %s", (_, text) => {
    expect(isDigest(text)).toBe(false)
    expect(Either.isLeft(Schema.decodeEither(Digest)(text))).toBe(true)
  })

  it("cannot be made of what is none", () => {
    expect(() => makeDigest("abc", 3)).toThrow("not a digest")
  })
})
