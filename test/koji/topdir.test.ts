import { Either, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import {
  buildDir,
  distRepoTagDir,
  internalRepoTagDir,
  packageHref,
  primaryRpm,
  signatureHeaderFile,
  signedRpm,
  volumeRoot
} from "../../src/koji/topdir.ts"

const build = { volume: null, name: "foo", version: "1", release: "2" }
const rpm = { name: "foo-libs", version: "1", release: "2", arch: "x86_64" }
const right = (path: Either.Either<string, Error>) => Either.getOrThrow(path)

describe("the topdir", () => {
  it("has Koji's paths", () => {
    expect(right(buildDir(build))).toBe("packages/foo/1/2")
    expect(right(primaryRpm(build, rpm))).toBe("packages/foo/1/2/x86_64/foo-libs-1-2.x86_64.rpm")
    expect(right(signedRpm(build, rpm, "4c8da725"))).toBe(
      "packages/foo/1/2/data/signed/4c8da725/x86_64/foo-libs-1-2.x86_64.rpm"
    )
    expect(right(signatureHeaderFile(build, rpm, "4c8da725"))).toBe(
      "packages/foo/1/2/data/sigcache/4c8da725/x86_64/foo-libs-1-2.x86_64.rpm.sig"
    )
    expect(right(distRepoTagDir("dist/f42"))).toBe("repos-dist/dist/f42")
    expect(right(internalRepoTagDir("dist/f42"))).toBe("repos/dist/f42")
  })

  it("leaves the key's segment out for the header of an unsigned rpm", () => {
    expect(right(signatureHeaderFile(build, rpm, ""))).toBe(
      "packages/foo/1/2/data/sigcache/x86_64/foo-libs-1-2.x86_64.rpm.sig"
    )
  })

  it("has other volumes below vol", () => {
    expect(right(buildDir({ ...build, volume: "v3" }))).toBe("vol/v3/packages/foo/1/2")
    expect(right(buildDir({ ...build, volume: "DEFAULT" }))).toBe("packages/foo/1/2")
    expect(right(distRepoTagDir("dist/f42", "v3"))).toBe("vol/v3/repos-dist/dist/f42")
    expect(right(distRepoTagDir("dist/f42", "DEFAULT"))).toBe("repos-dist/dist/f42")
    expect([volumeRoot("v3"), volumeRoot(null)].map(right)).toEqual(["vol/v3", ""])
    expect(Either.isLeft(distRepoTagDir("f42", "../v3"))).toBe(true)
  })

  it("sorts packages by their first character, in lower case", () => {
    expect(packageHref("Zlib-1-1.x86_64.rpm")).toBe("Packages/z/Zlib-1-1.x86_64.rpm")
    expect(packageHref("3theta-0.1-1.el9.noarch.rpm")).toBe("Packages/3/3theta-0.1-1.el9.noarch.rpm")
  })

  it("gives no path that leaves it or hides in it", () => {
    const name = fc.oneof(fc.constantFrom("..", ".", "", "a/b", "../a", "a\n", "a\u0000", ".x", "ok"), fc.string())
    fc.assert(
      fc.property(fc.record({ name, version: name, release: name, arch: name }), (parts) => {
        const path = primaryRpm({ volume: null, ...parts }, parts)
        if (Either.isLeft(path)) return
        const segments = path.right.split("/")
        expect(segments.length).toBe(6)
        for (const segment of segments) expect(segment === "" || segment.startsWith(".")).toBe(false)
      })
    )
  })

  it("has no folder for a tag with a hidden or empty part", () => {
    for (const tag of [".trees", "a/.b", "a//b", "../a", ""]) expect(Either.isLeft(distRepoTagDir(tag))).toBe(true)
  })
})
