import { describe, expect, it } from "vitest"
import {
  archiveSize,
  fileNames,
  installedSize,
  isSourcePackage,
  provides,
  sourceRpm
} from "../../src/rpm/merged-view.ts"
import { bareHead, int32, int64, packageHead, string, strings } from "./package-builder.ts"

describe("what rpm shows of a package beyond its tags", () => {
  it("is a source package by its tag, not by its lead or the lack of a source rpm", () => {
    expect(isSourcePackage(packageHead({ main: [int32(1106, 1)] }))).toBe(true)
    expect(isSourcePackage(packageHead({}))).toBe(false)
  })

  it("is a source package, where no tag tells, if its files have no directory", () => {
    const files = (directory: string) =>
      bareHead([string(1000, "hello"), int32(1116, 0), strings(1117, "hello.spec"), strings(1118, directory)])
    expect(isSourcePackage(files(""))).toBe(true)
    expect(sourceRpm(files(""))).toBeUndefined()
    expect(isSourcePackage(files("/"))).toBe(false)
    expect(sourceRpm(files("/"))).toBe("(none)")
  })

  it("is the source rpm's name as the tag has it", () => {
    expect(sourceRpm(packageHead({}))).toBe("hello-1.0-1.src.rpm")
  })

  it("splits full paths into directories in order of appearance", () => {
    expect(fileNames(packageHead({ main: [strings(1027, "/usr/bin/a", "/etc/b", "/usr/bin/c", "/d")] }))).toEqual({
      dirNames: ["/usr/bin/", "/etc/", "/"],
      dirIndexes: [0, 1, 0, 2],
      baseNames: ["a", "b", "c", "d"]
    })
    expect(fileNames(packageHead({ main: [strings(1027, "hello.spec", "hello/x.tar.gz")] }))).toEqual({
      dirNames: [""],
      dirIndexes: [0, 0],
      baseNames: ["hello.spec", "hello/x.tar.gz"]
    })
  })

  it("takes sizes from the 64-bit tags first", () => {
    expect(installedSize(packageHead({ main: [int32(1009, 7)] }))).toBe("7")
    expect(installedSize(packageHead({ main: [int32(1009, 7), int64(5009, 5000000000n)] }))).toBe("5000000000")
    expect(installedSize(packageHead({}))).toBe("0")
    expect(archiveSize(packageHead({ main: [int32(1046, 7)] }))).toBe("7")
    expect(archiveSize(packageHead({ signature: [int32(1000, 1), int32(1007, 9)] }))).toBe("9")
    expect(archiveSize(packageHead({ signature: [int64(271, 5000000000n), int32(1007, 9)] }))).toBe("5000000000")
    expect(archiveSize(packageHead({}))).toBe("0")
  })

  it("ignores the old signature tags of v6 packages", () => {
    const v6 = packageHead({ main: [int32(5114, 6)], signature: [int32(1000, 1), int32(1007, 9)] })
    expect(archiveSize(v6)).toBe("0")
  })

  it("lets a v3 binary package provide itself", () => {
    const lists = (v3: boolean, ...main: ReadonlyArray<ReturnType<typeof string>>) =>
      provides(packageHead({ v3, main: [...main, int32(1003, 2)] }))
    expect(lists(true)).toEqual({ names: ["hello"], flags: [8], versions: ["2:1.0-1"] })
    expect(lists(true, strings(1047, "libhello"))).toEqual({
      names: ["libhello", "hello"],
      flags: [0, 8],
      versions: ["", "2:1.0-1"]
    })
    expect(lists(true, strings(1047, "hello"), int32(1112, 8), strings(1113, "2:1.0-1")).names).toEqual(["hello"])
    expect(lists(true, int32(1106, 1)).names).toEqual([])
    expect(lists(false).names).toEqual([])
  })
})
