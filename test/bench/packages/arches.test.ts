import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { fixture } from "../../kit/fixtures.ts"
import { describeWithTools } from "../../kit/oracle.ts"
import { benchArches, dependencyFor } from "./arches.ts"
import { packageBytes, planBuilds, writeBuilds } from "./generate.ts"
import { readModels } from "./models.ts"

const options = { packages: 60, seed: 3, payloadBytes: 500, arches: benchArches, noarchShare: 0.6 }
const builds = planBuilds(readModels(fixture("unsigned"), 100), options)
const packages = builds.flatMap((build) => build.packages)
const folder = mkdtempSync(join(tmpdir(), "distgraph-bench-"))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("a dependency for another arch", () => {
  it("names that arch as rpm does", () => {
    expect(dependencyFor("bash(x86-64)", "x86_64", "s390x")).toBe("bash(s390-64)")
    expect(dependencyFor("bash(x86-64)", "x86_64", "x86_64")).toBe("bash(x86-64)")
  })

  it("is the same where it names none", () => {
    expect(dependencyFor("libc.so.6()(64bit)", "x86_64", "aarch64")).toBe("libc.so.6()(64bit)")
    expect(dependencyFor("python3", "noarch", "aarch64")).toBe("python3")
  })
})

describe("packages generated for four arches", () => {
  it("give every arch as many as asked for, and share those that are noarch", () => {
    for (const arch of benchArches) {
      const own = packages.filter(({ identity }) => identity.arch === arch || identity.arch === "noarch")
      expect(own).toHaveLength(60)
    }
    const noarch = packages.filter(({ identity }) => identity.arch === "noarch").length
    expect(packages).toHaveLength(noarch + 4 * (60 - noarch))
  })

  it("are noarch to the share asked for, the more exactly the more there are", () => {
    const many = planBuilds(readModels(fixture("unsigned"), 100), { ...options, packages: 5000 })
    const noarch = many.flatMap((build) => build.packages).filter(({ identity }) => identity.arch === "noarch").length
    expect(Math.abs(noarch / 5000 - 0.6)).toBeLessThan(0.005)
  })

  it("are in builds that are noarch altogether, and in builds that have both", () => {
    const kinds = new Set(
      builds.map(({ packages }) => [...new Set(packages.map((p) => p.identity.arch))].sort().join())
    )
    expect(kinds).toContain("noarch")
    expect(kinds).toContain("aarch64,noarch,ppc64le,s390x,x86_64")
  })
})

describeWithTools("rpm", "rpmkeys")("packages generated for four arches, to rpm", () => {
  const paths = writeBuilds(folder, builds, packageBytes(options))

  it("are of the arch that their names say", () => {
    const report = execFileSync(
      "rpm",
      ["-qp", "--nosignature", "--qf", "%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm\n", ...paths],
      { encoding: "utf8" }
    )
    expect(report.trimEnd().split("\n")).toEqual(packages.map(({ fileName }) => fileName))
  })

  it("have digests that hold", () => {
    const report = execFileSync("rpmkeys", ["-K", "--nosignature", ...paths], { encoding: "utf8" })
    expect(report.trimEnd().split("\n")).toEqual(paths.map((path) => `${path}: digests OK`))
  })

  it("provide themselves under the isa that rpm has for the arch", () => {
    for (const arch of benchArches) {
      const isa = execFileSync("rpm", ["--target", arch, "--eval", "%_isa"], { encoding: "utf8" }).trim()
      const path = paths.find((each) => each.includes("/clockwork-") && each.endsWith(`.${arch}.rpm`)) ?? ""
      const provides = execFileSync("rpm", ["-qp", "--nosignature", "--provides", path], { encoding: "utf8" })
      expect(provides).toContain(`clockwork-c00000${isa} = 1:3.2-4`)
    }
  })

  it("have the number in the lead that the real package of that arch has", () => {
    for (const path of paths.filter((each) => each.endsWith(".aarch64.rpm"))) {
      expect(readFileSync(path).readUInt16BE(8)).toBe(readFileSync(realAarch64).readUInt16BE(8))
    }
  })
})

const realAarch64 = fixture("unsigned", "hello-1.0-1.aarch64.rpm")
