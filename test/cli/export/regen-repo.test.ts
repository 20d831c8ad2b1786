import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { Schema } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { RepoStory } from "../../../src/export/story.ts"
import { checksums } from "../../export/published.ts"
import { type ExportRig, exportRig } from "../../kit/export-rig.ts"
import { runHere } from "../run-cli.ts"

let rig: ExportRig
beforeAll(async () => {
  rig = await exportRig()
})
afterAll(() => rig.close())

/** Runs one command on the hub of this file, whose state goes on from test to test. */
const run = (...args: ReadonlyArray<string>) =>
  runHere(args, { HOME: rig.folder, DISTGRAPH_TOPDIR: rig.topdir, DISTGRAPH_STORE: rig.store })
const json = async (...args: ReadonlyArray<string>) => JSON.parse((await run(...args, "--json", "--quiet")).stdout)
const got = (id: number) => `Got repo ${id}\nRepo info: ${repo(id)}\n`
const repo = (id: number) => join(rig.topdir, "repos/demo", String(id))
const latest = () => readlinkSync(join(rig.topdir, "repos/demo/latest"))
const text = (id: number, ...path: ReadonlyArray<string>) => readFileSync(join(repo(id), ...path), "utf8")

describe("distgraph regen-repo", () => {
  it("makes a repo whose packages are reached through a link, wherever it stands", async () => {
    const { code, stderr, stdout } = await run("regen-repo", "demo")
    expect({ code, stdout }).toEqual({ code: 0, stdout: got(1) })
    expect(stderr).toBe("Creating internal repo for tag demo\n")
    expect(readdirSync(repo(1)).sort()).toEqual(["aarch64", "groups", "repo.json", "x86_64"])
    expect(realpathSync(join(repo(1), "x86_64/toplink"))).toBe(realpathSync(rig.topdir))
    const found = checksums(repo(1), "x86_64")
    expect(found.length).toBeGreaterThan(5)
    for (const { actual, listed } of found) expect(listed).toBe(actual)
    expect(latest()).toBe("1")
  })

  it("makes nothing where nothing changed, and gives the repo that stands", async () => {
    expect(await run("regen-repo", "--wait", "--make-task", "demo")).toEqual({ code: 0, stdout: got(1), stderr: "" })
    expect(await json("regen-repo", "demo")).toEqual({
      status: "unchanged",
      repo: { id: 1, path: repo(1) },
      story: null
    })
    expect(await json("regen-repo", "demo", "--dry-run")).toMatchObject({ status: "dry-run", unchanged: 1 })
  })

  it("makes a new one with --force", async () => {
    expect(await json("regen-repo", "demo", "--force")).toMatchObject({ repo: { id: 2, latest: 2 } })
  })

  it("makes repos of other options that latest never leads to", async () => {
    expect(await json("regen-repo", "demo", "--debuginfo", "--source")).toMatchObject({ repo: { id: 3, latest: 2 } })
    expect(text(3, "x86_64/pkglist")).toMatch(/-debuginfo-.*\n/)
    expect(text(3, "x86_64/pkglist")).toMatch(/\.src\.rpm\n/)
    expect(await json("regen-repo", "demo", "--separate-src")).toMatchObject({ repo: { id: 4, latest: 2 } })
    expect(existsSync(join(repo(4), "src/repodata/repomd.xml"))).toBe(true)
    expect(latest()).toBe("2")
    expect(await json("regen-repo", "demo", "--debuginfo", "--src")).toMatchObject({
      status: "unchanged",
      repo: { id: 3 }
    })
    expect((await rig.hub((hub) => hub.repo(3))).customOpts).toEqual({ src: true, debuginfo: true })
  })

  it("makes a new one where groups, blocked packages or the tag's own options are others", async () => {
    await run("add-group", "demo", "build")
    await run("add-group-pkg", "demo", "build", "minish")
    expect(await json("regen-repo", "demo")).toMatchObject({ status: "published", repo: { id: 5, latest: 5 } })
    expect(text(5, "groups/comps.xml")).toContain('<packagereq type="mandatory">minish</packagereq>')
    await run("block-pkg", "demo", "weather")
    expect(await json("regen-repo", "demo")).toMatchObject({ repo: { id: 6 } })
    expect(text(6, "x86_64/blocklist")).toBe("weather\n")
    expect(text(6, "x86_64/pkglist")).not.toContain("weather")
    await run("edit-tag", "demo", "-x", 'repo.opts={"debuginfo": true}')
    expect(await json("regen-repo", "demo")).toMatchObject({ repo: { id: 7, latest: 7 } })
    expect(JSON.parse(text(7, "repo.json"))).toMatchObject({ with_debuginfo: true, custom_opts: {}, task_id: null })
  })

  it("has the older builds where the tag says so", async () => {
    await run("edit-tag", "demo", "-x", "repo_include_all=True")
    await run("tag-build", "demo", "hello-1.1-1")
    await run("regen-repo", "demo")
    const hellos = [...text(8, "x86_64/pkglist").matchAll(/hello\/([^/]*)\//g)].map(([, version]) => version)
    expect(new Set(hellos)).toEqual(new Set(["1.0", "1.1"]))
  })

  it("says what is wrong with how it was asked", async () => {
    const error = async (...args: ReadonlyArray<string>) => {
      const { code, stderr } = await run("regen-repo", ...args)
      return { code, error: stderr.trim().split("\n").at(-1) }
    }
    expect(await error()).toEqual({ code: 2, error: "distgraph: error: A tag name must be specified" })
    expect(await error("nosuch")).toEqual({ code: 2, error: "distgraph: error: No such tag: nosuch" })
    expect((await error("--target", "demo")).error).toContain("No such build target: demo")
    expect((await error("--timeout", "0", "demo")).error).toContain("--timeout must be at least 1, not 0")
    await run("add-tag", "bare")
    expect((await error("bare")).error).toContain("bare has no arches of its own")
    expect(existsSync(join(rig.topdir, "repos/bare"))).toBe(false)
  })
})

describe("distgraph regen-repo --explain", () => {
  let other: ExportRig
  beforeAll(async () => {
    other = await exportRig()
  })
  afterAll(() => other.close())
  const there = (...args: ReadonlyArray<string>) =>
    runHere(args, { HOME: other.folder, DISTGRAPH_TOPDIR: other.topdir, DISTGRAPH_STORE: other.store })

  it("says what changed in the tag, which steps ran because of it and what was spared, arch by arch", async () => {
    expect((await there("regen-repo", "demo", "--explain")).stdout).toMatch(
      /^Got repo 1\n.*\n\ndemo: repo 1 \(run 1; the first repo, nothing to compare with\)\n/
    )
    await there("tag-build", "demo", "hello-1.1-1")
    const { code, stdout } = await there("regen-repo", "demo", "--explain")
    expect([code, stdout]).toEqual([0, expect.stringContaining("Got repo 2\n")])
    expect(stdout).toMatch(/\ndemo: repo 1 → 2 \(run 2; compared with run 1, /)
    expect(stdout).toMatch(
      /what changed in the tag\n {2}hello-1\.0-1 → hello-1\.1-1 \(3 rpms\) {2}\(event \d+: tagged into demo\)\n/
    )
    expect(stdout).toMatch(/\naarch64\n {2}internal-repository /)
    expect(stdout).toMatch(/package-metadata +1 ran in [^,]+, 5 reused +hello-1\.1-1\.aarch64: never built before/)
    expect(stdout).toMatch(/\nx86_64: \d+ nodes ran in .*, the same steps for the same reasons as aarch64\n/)
  })

  it("says what changed in the tag's groups, and in what was asked for, as data too", async () => {
    await there("add-group", "demo", "build")
    expect((await there("regen-repo", "demo", "--explain")).stdout).toMatch(
      /what changed in the request\n {2}groups changed\n/
    )
    const { stdout } = await there("regen-repo", "demo", "--debuginfo", "--explain", "--json")
    const { story } = JSON.parse(stdout)
    const told = Schema.decodeUnknownSync(RepoStory)(story)
    expect(told).toMatchObject({ tag: "demo", repo: 4, previous: 3, content: [] })
    expect(told.options).toEqual([{ field: "debuginfo", before: "false", after: "true", differences: [] }])
  })

  it("tells of a run that failed what it did, and what it could not do", async () => {
    writeFileSync(join(other.topdir, "packages/minish/5/2/x86_64/minish-5-2.x86_64.rpm"), "no package")
    const { code, stderr } = await there("regen-repo", "demo", "--force", "--explain", "--store", `${other.store}-new`)
    expect(code).toBe(1)
    expect(stderr).toMatch(/what failed\n {2}package-metadata minish-5-2\.x86_64: .*\n {4}not done because of it: /)
  })

  it("tells with --dry-run what would run, in full with --explain-all", async () => {
    const { code, stdout } = await there("regen-repo", "demo", "--dry-run", "--explain-all")
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^demo is unchanged since repo 3: nothing would run\n/)])
  })
})

describe("distgraph wait-repo", () => {
  it("gives the repo that has what the tag has", async () => {
    expect(await run("wait-repo", "demo")).toEqual({ code: 0, stdout: got(8), stderr: "" })
    expect(await json("wait-repo", "demo", "--build", "hello-1.1-1")).toEqual({ repo: { id: 8, path: repo(8) } })
  })

  it("waits until somebody makes it", async () => {
    await run("unblock-pkg", "demo", "weather")
    const waiting = run("wait-repo", "demo")
    await setTimeout(300)
    await run("regen-repo", "demo")
    expect(await waiting).toEqual({ code: 0, stdout: got(9), stderr: "" })
  })

  it("makes it itself where it is told to", async () => {
    await run("untag-build", "demo", "hello-1.0-1")
    expect((await run("wait-repo", "demo", "--request", "-q")).stdout).toBe(got(10))
  })

  it("warns of a build that is not current", async () => {
    const waiting = run("wait-repo", "demo", "--build", "hello-1.0-1")
    await setTimeout(300)
    await run("tag-build", "demo", "hello-1.0-1")
    await run("regen-repo", "demo")
    const { code, stderr, stdout } = await waiting
    expect({ code, stdout }).toEqual({ code: 0, stdout: got(11) })
    expect(stderr).toBe(
      "distgraph: warning: nvr hello-1.0-1 is not current in tag demo\n  latest build is hello-1.1-1\n"
    )
  })

  it("says what is wrong with how it was asked", async () => {
    expect((await run("wait-repo", "nosuch")).stderr).toContain("error: No such tag: nosuch")
    expect((await run("wait-repo", "demo", "--build", "no-1-1")).stderr).toBe(
      "distgraph: error: No such build: 'no-1-1'\n"
    )
    expect((await run("wait-repo", "--request", "--no-request", "demo")).code).toBe(2)
  })
})
