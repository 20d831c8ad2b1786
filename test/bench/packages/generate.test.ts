import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Either } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { fixture } from "../../kit/fixtures.ts"
import { describeWithTools } from "../../kit/oracle.ts"
import { readModel } from "./clone.ts"
import { packageBytes, packagesPerArch, planBuilds, updatedBuild, writeBuilds } from "./generate.ts"
import { readModels } from "./models.ts"

const options = { packages: 40, seed: 7, payloadBytes: 3000 }
const models = readModels(fixture("unsigned"), 100)
const builds = planBuilds(models, options)
const folder = mkdtempSync(join(tmpdir(), "distgraph-bench-"))
const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex")

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("generated packages", () => {
  it("are modelled on every x86_64 and noarch binary package, one a name", () => {
    expect(models.map((model) => model.name)).toEqual([
      "clockwork",
      "demo-release",
      "forecast",
      "greet-doc",
      "hello",
      "libgreet",
      "libgreet-debuginfo",
      "libgreet-devel",
      "minish",
      "scratchpad",
      "weather"
    ])
  })

  it("are as many as asked for, under different names, in builds that share name, version and release", () => {
    const packages = builds.flatMap((build) => build.packages)
    expect(packages).toHaveLength(40)
    expect(new Set(packages.map((planned) => planned.fileName)).size).toBe(40)
    for (const build of builds)
      for (const planned of build.packages)
        expect(`${build.name}-${planned.model.version}-${planned.identity.release}`).toBe(build.nvr)
  })

  it("are of 1 to 14 packages a build, 3.5 on average", () => {
    const many = planBuilds(models, { packages: 7000, seed: 7 })
    expect(many.length).toBeGreaterThan(1900)
    expect(many.length).toBeLessThan(2100)
    const sizes = new Set(many.map(packagesPerArch))
    expect(sizes).toEqual(new Set([1, 2, 3, 4, 5, 6, 8, 14]))
  })

  it("of fewer packages are the first of more", () => {
    expect(planBuilds(models, { packages: 200, seed: 7 }).slice(0, builds.length - 1)).toEqual(builds.slice(0, -1))
  })

  it("have the same bytes for the same seed, and others for another", () => {
    const digests = (seed: number): ReadonlyArray<string> => {
      const bytes = packageBytes({ ...options, seed })
      return planBuilds(models, { ...options, seed }).flatMap((build) =>
        build.packages.map((planned) => `${planned.fileName} ${sha256(bytes(planned))}`)
      )
    }
    expect(digests(7)).toEqual(digests(7))
    expect(digests(7)).not.toEqual(digests(8))
  })

  it("keep what the model says of itself, but its name and some words of its texts", () => {
    const planned = builds[0]?.packages[0]
    expect(planned?.model.name).toBe("clockwork")
    if (planned === undefined) return
    const clone = Either.getOrThrow(readModel(packageBytes(options)(planned)))
    expect(clone.name).toBe("clockwork-c00000")
    const changed = clone.entries.filter((entry, index) => !planned.model.entries[index]?.data.equals(entry.data))
    expect(changed.map((entry) => entry.tag)).toEqual([
      1000, 1004, 1005, 1020, 1044, 1047, 1049, 1081, 1082, 1117, 5092
    ])
  })
})

describeWithTools("rpm", "rpmkeys")("generated packages, to rpm", () => {
  const paths = writeBuilds(folder, builds, packageBytes(options))
  const query = (format: string, files: ReadonlyArray<string>): ReadonlyArray<string> =>
    execFileSync("rpm", ["-qp", "--nosignature", "--qf", `${format}\n`, ...files], { encoding: "utf8" })
      .trimEnd()
      .split("\n")

  it("are readable packages named as their files", () => {
    expect(query("%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm", paths)).toEqual(
      builds.flatMap((build) => build.packages.map((planned) => planned.fileName))
    )
  })

  it("name one source package a build", () => {
    expect(query("%{SOURCERPM}", paths)).toEqual(
      builds.flatMap((build) => build.packages.map(() => `${build.nvr}.src.rpm`))
    )
  })

  it("provide themselves under the new name", () => {
    const [first] = paths.filter((path) => path.includes("clockwork-c00000-"))
    expect(query("[%{PROVIDENEVRS}\n]", [first ?? ""])).toEqual([
      "clock = 1:3.2-4",
      "clockwork-c00000 = 1:3.2-4",
      "clockwork-c00000(x86-64) = 1:3.2-4",
      "config(clockwork-c00000) = 1:3.2-4"
    ])
  })

  it("have digests that hold", () => {
    const report = execFileSync("rpmkeys", ["-K", "--nosignature", ...paths], { encoding: "utf8" })
    expect(report.trimEnd().split("\n")).toEqual(paths.map((path) => `${path}: digests OK`))
  })

  it("have updates, one release and one day later", () => {
    const build = builds.find((each) => each.name === "hello-c00000")
    if (build === undefined) throw new Error("no build was modelled on hello")
    const update = updatedBuild(build)
    const [path] = writeBuilds(folder, [update], packageBytes(options))
    expect(update.nvr).toBe("hello-c00000-1.0-1.1")
    expect(query("%{NAME} %{RELEASE} %{SOURCERPM} %{BUILDTIME}", [path ?? ""])).toEqual([
      `hello-c00000 1.1 hello-c00000-1.0-1.1.src.rpm ${Date.UTC(2024, 0, 16, 10, 30) / 1000}`
    ])
    expect(query("%{PROVIDENEVRS}", [path ?? ""])).toEqual(["greeter = 1:1.0"])
    expect(query("[%{PROVIDENEVRS}\n]", [path ?? ""])).toContain("hello-c00000 = 1.0-1.1")
    expect(execFileSync("rpmkeys", ["-K", "--nosignature", path ?? ""], { encoding: "utf8" })).toContain("digests OK")
    expect(readFileSync(path ?? "").length).toBeGreaterThan(3000)
  })
})
