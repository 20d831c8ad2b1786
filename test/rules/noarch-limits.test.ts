import { describe, expect, it } from "vitest"
import { isForArches, LimitedBuilds } from "../../rules/noarch-limits.ts"

const isFor = (exclusive: string, exclude: string, arches: ReadonlyArray<string>) =>
  isForArches({ buildId: 1, exclusive: words(exclusive), exclude: words(exclude) }, arches)
const words = (text: string) => text.split(" ").filter((word) => word !== "")

const x86 = ["x86_64", "amd64", "ia32e", "x86_64", "noarch"]
const i386 = ["i386", "athlon", "i686", "i586", "i486", "i386", "noarch"]

describe("the arches of a build's noarch packages", () => {
  it("are all but those that its source package excludes, and only those that it names, if any", () => {
    expect(isFor("", "", x86)).toBe(true)
    expect(isFor("", "s390x", x86)).toBe(true)
    expect(isFor("", "x86_64", x86)).toBe(false)
    expect(isFor("x86_64 aarch64", "", x86)).toBe(true)
    expect(isFor("ppc64le aarch64", "", x86)).toBe(false)
    expect(isFor("x86_64", "x86_64", x86)).toBe(false)
  })

  it("go by any name of the repository's arch", () => {
    expect(isFor("i586", "", i386)).toBe(true)
    expect(isFor("", "i686", i386)).toBe(false)
  })

  it("are not told by noarch, by which a source says that it may be built as such", () => {
    expect(isFor("noarch x86_64", "", x86)).toBe(true)
    expect(isFor("noarch aarch64", "", x86)).toBe(false)
    expect(isFor("noarch", "", x86)).toBe(true)
    expect(isFor("", "noarch", x86)).toBe(true)
  })

  it("are stored as they are", () => {
    const builds = [
      { buildId: 3, exclusive: ["x86_64", "noarch"], exclude: [] },
      { buildId: 12, exclusive: [], exclude: ["s390x"] }
    ]
    expect(LimitedBuilds.decode(LimitedBuilds.encode(builds))).toEqual(builds)
  })
})
