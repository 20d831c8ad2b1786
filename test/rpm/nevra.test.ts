import { Either, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { fileName, nevraOf, nvr, nvra, parseNvr, parseNvra, unsafeSegment } from "../../src/rpm/nevra.ts"
import { readPackageHead } from "../../src/rpm/package-head.ts"
import { describeWithShared } from "../kit/oracle.ts"
import { good, int32, packageHead, problemOf, string } from "./package-builder.ts"
import { realPackages } from "./real-packages.ts"

describe("the NEVRA of a package", () => {
  it("is what its header says", () => {
    expect(good(nevraOf(packageHead({ main: [int32(1003, 4294967295)] })))).toEqual({
      name: "hello",
      epoch: 4294967295,
      version: "1.0",
      release: "1",
      arch: "noarch"
    })
    expect(good(nevraOf(packageHead({}))).epoch).toBeNull()
  })

  it("is src for source packages, nosrc if sources or patches are missing in them", () => {
    const arch = (...main: ReadonlyArray<ReturnType<typeof int32>>) =>
      good(nevraOf(packageHead({ main: [int32(1106, 1), ...main] }))).arch
    expect(arch()).toBe("src")
    expect(arch(int32(1051, 0))).toBe("nosrc")
    expect(arch(int32(1052, 0))).toBe("nosrc")
  })

  it.each([
    [string(1000, "../../"), 'its name "../../" starts with a dot'],
    [string(1000, "a/b"), 'its name "a/b" contains a slash'],
    [string(1001, ""), 'its version "" is empty'],
    [string(1002, "1\n2"), 'its release "1\\n2" contains a control character'],
    [string(1022, ".."), 'its architecture ".." starts with a dot'],
    [string(1022, "x\xff"), "is not valid UTF-8"],
    [string(1000, "n".repeat(256)), "is longer than 255 bytes"]
  ])("is refused when part of it is not a safe path segment", (entry, problem) => {
    expect(problemOf(nevraOf(packageHead({ main: [entry] })))).toContain(problem)
  })

  it("names the file without the epoch", () => {
    const package_ = { name: "bash", epoch: 1, version: "5.2", release: "1.fc40", arch: "x86_64" }
    expect(nvr(package_)).toBe("bash-5.2-1.fc40")
    expect(nvra(package_)).toBe("bash-5.2-1.fc40.x86_64")
    expect(fileName(package_)).toBe("bash-5.2-1.fc40.x86_64.rpm")
  })
})

describe("a safe path segment", () => {
  it("is any text that stays one visible entry of its directory", () => {
    for (const fine of ["bash", "1.0~rc1^git", "c++", "a b", "ä", "..".concat("x").slice(2)]) {
      expect(unsafeSegment(fine)).toBeNull()
    }
    for (const bad of ["", ".", "..", ".x", "a/b", "/", "a\0b", "a\tb", "\u0085", "\ud800", "\ufffd"]) {
      expect(unsafeSegment(bad)).not.toBeNull()
    }
  })
})

describe("N-V-R parsing", () => {
  it("takes the last two dashes", () => {
    expect(good(parseNvr("my-package-1.0-1.fc40"))).toEqual({
      name: "my-package",
      version: "1.0",
      release: "1.fc40",
      epoch: ""
    })
    expect(good(parseNvr("2:a-b-c"))).toEqual({ name: "a", version: "b", release: "c", epoch: "2" })
  })

  it.each(["", "a", "a-b", "a-b-", "a--b", "-1"])("refuses %j in Koji's words", (text) => {
    expect(parseNvr(text)).toEqual(Either.left(`invalid format: ${text}`))
  })

  it("takes the architecture after the last dot", () => {
    expect(good(parseNvra("bash-5.2-1.fc40.src.rpm@somewhere"))).toEqual({
      name: "bash",
      version: "5.2",
      release: "1.fc40",
      epoch: "",
      arch: "src",
      src: true
    })
    expect(good(parseNvra("bash-5.2-1.fc40.x86_64")).arch).toBe("x86_64")
    expect(Either.isLeft(parseNvra("bash-5-1"))).toBe(true)
    expect(Either.isLeft(parseNvra("bash-5-1."))).toBe(true)
  })

  it("undoes what puts names together", () => {
    const part = fc.stringMatching(/^[a-z0-9_.~+^]+$/)
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9_.+-]+$/), part, part, fc.stringMatching(/^[a-z0-9_]+$/), (...parts) => {
        const [name, version, release, arch] = parts
        expect(good(parseNvra(fileName({ name, version, release, arch })))).toMatchObject({
          name,
          version,
          release,
          arch
        })
      })
    )
  })
})

describeWithShared("rpms", "INDEX.tsv")("the NEVRAs of real packages", () => {
  it("are those that rpm prints, but for source packages' build architecture", () => {
    for (const { file, bytes, column } of realPackages()) {
      const head = readPackageHead(bytes())
      if (Either.isLeft(head)) continue
      const nevra = nevraOf(head.right)
      if (Either.isLeft(nevra)) {
        expect(file).toMatch(/^broken\/derived-(arch-path-traversal|name-newline|name-path-traversal)\.rpm$/)
        continue
      }
      const { name, epoch, version, release, arch } = nevra.right
      expect([file, name, String(epoch ?? ""), version, release]).toEqual([
        file,
        ...["name", "epoch", "version", "release"].map(column)
      ])
      const source = /\.((?:no)?src)(~\w+)?\.rpm$/.exec(file)?.[1]
      expect([file, arch]).toEqual([file, source ?? column("arch")])
    }
  })
})
