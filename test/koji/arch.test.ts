import { describe, expect, it } from "vitest"
import { canonArch, rpmArchesOf } from "../../src/koji/arch.ts"

describe("the repository of an architecture", () => {
  const names: Readonly<Record<string, string>> = {
    "i386 i486 i586 i686 athlon": "i386",
    geode: "geode",
    x86_64: "x86_64",
    amd64: "amd64",
    ia32e: "x86_64",
    ppc: "ppc",
    "ppc64 ppc64p7": "ppc64",
    ppc64le: "ppc64le",
    s390: "s390",
    s390x: "s390x",
    "sparc sparcv9": "sparc",
    "sparc64 sparc64v": "sparc64",
    alphaev6: "alpha",
    "armv5tel armv6l armv7l arm64 armv8l": "arm",
    "armv6hl armv7hl armv7hnl armhfp": "armhfp"
  }
  for (const [arches, name] of Object.entries(names)) {
    it(`is ${name} for ${arches}`, () => {
      for (const arch of arches.split(" ")) expect(canonArch(arch)).toBe(name)
    })
  }

  it("is the architecture itself for all others", () => {
    for (const arch of "aarch64 riscv64 ia64 noarch src nosrc x86_64_v2 sw_64 loongarch64 mips64el".split(" ")) {
      expect(canonArch(arch)).toBe(arch)
    }
  })

  it("takes noarch rpms too, but for src, and those of the older members of the family", () => {
    expect(rpmArchesOf("i386")).toEqual(["athlon", "i686", "i586", "i486", "i386", "noarch"])
    expect(rpmArchesOf("aarch64")).toEqual(["aarch64", "noarch"])
    expect(rpmArchesOf("src")).toEqual(["src"])
  })

  it("is unknown where Koji's table does not have it, also for names that objects have", () => {
    for (const arch of ["nonesuch", "i686", "noarch", "constructor", "__proto__"]) {
      expect(rpmArchesOf(arch)).toBeUndefined()
    }
  })
})
