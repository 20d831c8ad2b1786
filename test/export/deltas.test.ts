import { execFileSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { DistRepoRequest } from "../../src/export/request.ts"
import { type ExportRig, exportRig } from "../kit/export-rig.ts"
import { fixture, fixtureKeys } from "../kit/fixtures.ts"
import { describeWithTools } from "../kit/oracle.ts"
import { metadataOf } from "./published.ts"

let rig: ExportRig
beforeEach(async () => {
  rig = await exportRig()
})
afterEach(() => {
  vi.unstubAllEnvs()
  rig.close()
})

const withDeltas = (...deltaRpms: ReadonlyArray<string>): Partial<DistRepoRequest> => ({ deltaRpms })
const update = () => rig.hub((hub) => hub.tagBuild("demo", ["hello-1.1-1"]))
const drpm = (arch: string) => `drpms/hello-1.0-1_1.1-1.${arch}.drpm`
const prestodelta = (repo: string, arch: string): string => metadataOf(repo, arch, "prestodelta")
const repoJson = (repo: string) => JSON.parse(readFileSync(join(repo, "repo.json"), "utf8"))

describeWithTools("makedeltarpm", "applydeltarpm")("a repo with delta rpms", () => {
  it("has for each arch those from an older repo, which rebuild its packages byte for byte", async () => {
    const { repo: old } = await rig.publish()
    await update()
    const { output, repo } = await rig.publish(withDeltas(String(old.id)))
    for (const arch of ["x86_64", "aarch64"]) {
      const at = join(repo.path, arch)
      expect(readdirSync(join(at, "drpms"))).toEqual([`hello-1.0-1_1.1-1.${arch}.drpm`])
      expect(prestodelta(repo.path, arch)).toContain(`<filename>${drpm(arch)}</filename>`)
      const rebuilt = join(rig.folder, "rebuilt.rpm")
      const installed = fixture("key-a", `hello-1.0-1.${arch}.rpm`)
      execFileSync("applydeltarpm", ["-r", installed, join(at, drpm(arch)), rebuilt])
      const published = readFileSync(join(at, `Packages/h/hello-1.1-1.${arch}.rpm`))
      expect(readFileSync(rebuilt).equals(published)).toBe(true)
    }
    expect(repoJson(repo.path).task_opts.delta).toEqual([old.id])
    expect(output.repositories.map(({ impossibleDeltas }) => impossibleDeltas)).toEqual([[], []])
  })

  it("is found by the name of its tag, and is not made again while nothing changes", async () => {
    const { repo: old } = await rig.publish()
    await update()
    const { repo } = await rig.publish(withDeltas("demo"))
    expect(existsSync(join(repo.path, "x86_64", drpm("x86_64")))).toBe(true)
    expect(repoJson(repo.path).task_opts.delta).toEqual([old.id])
    expect(await rig.export(withDeltas("demo"))).toMatchObject({ _tag: "Unchanged", repo: { id: repo.id } })
    expect(await rig.export(withDeltas(String(old.id)))).toMatchObject({ _tag: "Published" })
  })

  it("falls back to an expired repo, and has no drpms where nothing is newer", async () => {
    const { repo: old } = await rig.publish()
    await rig.hub((hub) => hub.setRepoState(old.id, "EXPIRED"))
    const { repo } = await rig.publish(withDeltas("demo"))
    expect(existsSync(join(repo.path, "x86_64/drpms"))).toBe(false)
    expect(prestodelta(repo.path, "x86_64")).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<prestodelta>\n</prestodelta>'
    )
  })

  it("has none for an arch that the older repo does not have", async () => {
    const { repo: old } = await rig.publish({ arches: ["aarch64"] })
    await update()
    const { repo } = await rig.publish(withDeltas(String(old.id)))
    expect(["aarch64", "x86_64"].map((arch) => existsSync(join(repo.path, arch, "drpms")))).toEqual([true, false])
  })

  it("has them also from packages that the hub knows no more", async () => {
    const { repo: old } = await rig.publish({ layout: "copy" })
    const kojipkgs = join(old.path, "x86_64/kojipkgs")
    writeFileSync(kojipkgs, readFileSync(kojipkgs, "utf8").replace(/"id": (\d+)/g, '"id": 9$1000'))
    rmSync(join(rig.topdir, `packages/hello/1.0/1/data/signed/${fixtureKeys.a}/x86_64`), { recursive: true })
    await update()
    const { repo, warnings } = await rig.publish(withDeltas(String(old.id)))
    expect(existsSync(join(repo.path, "x86_64", drpm("x86_64")))).toBe(true)
    expect(warnings).toEqual([])
    rmSync(join(old.path, "x86_64/Packages/h"), { recursive: true })
    const again = await rig.publish({ ...withDeltas(String(old.id)), force: true })
    expect(existsSync(join(again.repo.path, "x86_64/drpms"))).toBe(false)
    expect(again.warnings).toEqual([
      `no delta is made from ${join(old.path, "x86_64/Packages/h/hello-1.0-1.x86_64.rpm")}: no such file or directory`
    ])
  })
})

describeWithTools("makedeltarpm", "applydeltarpm")("a repo to make deltas from", () => {
  it("must be there: a tag without one is a misuse, in Koji's words", async () => {
    const failure = (value: string) => rig.exportFailure(withDeltas(value))
    expect(await failure("demo")).toMatchObject({ _tag: "BadRequest", message: "Can't find repo for tag: demo" })
    expect(await failure("no-such-tag")).toMatchObject({ message: "Can't find repo for tag: no-such-tag" })
    expect(await failure("77")).toMatchObject({ _tag: "NoSuchRepo", message: "No such repo: 77" })
  })

  it("must be a dist repo", async () => {
    const id = await rig.hub((hub) =>
      hub.repoInit({
        tag: "demo",
        createEvent: 1,
        content: "",
        options: "{}",
        fingerprint: "",
        root: "",
        kind: "internal",
        opts: {},
        customOpts: {}
      })
    )
    expect(await rig.exportFailure(withDeltas(String(id)))).toMatchObject({
      message: `Base repo for deltas must also be a dist repo: ${id} is none`
    })
  })

  it("must still have its directory", async () => {
    const { repo } = await rig.publish()
    renameSync(repo.path, `${repo.path}-gone`)
    expect(await rig.exportFailure(withDeltas("demo"))).toMatchObject({
      _tag: "UnusableDeltaBase",
      message: `Base drpm repo missing: ${repo.path}`
    })
  })

  it.each([
    ["no JSON", "{", /deltas cannot be made from .*x86_64\/kojipkgs/],
    [
      "a path for a version",
      '{"a":{"id":1,"name":"hello","version":"../1","release":"1","epoch":null,"arch":"x86_64","sigkey":null}}',
      /"\.\.\/1" starts with a dot/
    ]
  ])("must list its packages as Koji does: %s", async (_, text, message) => {
    const { repo } = await rig.publish()
    writeFileSync(join(repo.path, "x86_64/kojipkgs"), text)
    await update()
    const failure = await rig.exportFailure(withDeltas("demo"))
    expect(failure._tag).toBe("UnusableDeltaBase")
    expect(failure.message).toMatch(message)
    expect(await rig.repoStates()).toEqual([`${repo.id} READY`])
  })
})

describe("delta rpms without the tool that makes them", () => {
  it("are refused before any work, with what to install", async () => {
    await rig.publish()
    vi.stubEnv("PATH", rig.folder)
    expect(await rig.exportFailure(withDeltas("demo"))).toMatchObject({
      _tag: "NoDeltaTool",
      message: "delta rpms need makedeltarpm and applydeltarpm, which are not on the PATH; install the package deltarpm"
    })
  })
})
