import { existsSync, readlinkSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type ExportRig, exportRig } from "../../kit/export-rig.ts"
import { runHere } from "../run-cli.ts"

let rig: ExportRig
beforeAll(async () => {
  rig = await exportRig({ builds: ["hello-1.0-1"] })
  for (let made = 0; made < 4; made += 1) await rig.publish({ force: true, layout: "shared" })
})
afterAll(() => rig.close())

/** Runs one command on the hub of this file, whose state goes on from test to test. */
const run = async (...args: ReadonlyArray<string>) => {
  const { code, stdout, stderr } = await runHere(args, { DISTGRAPH_TOPDIR: rig.topdir })
  return { code, stdout: stdout.split("\n").slice(0, -1), stderr: stderr.split("\n").slice(0, -1) }
}
const quiet = { code: 0, stdout: [], stderr: [] }
const json = async (...args: ReadonlyArray<string>) => JSON.parse((await run("--json", ...args)).stdout.join("\n"))

describe("the commands for repos", () => {
  it("list-repos lists them, with a heading unless it is quiet", async () => {
    const { code, stdout } = await run("list-repos", "demo")
    expect(code).toBe(0)
    expect(stdout.slice(0, 2)).toEqual([
      "  Repo Kind     State      Event  Created                   Tag",
      "------ -------- -------- -------  ------------------------  --------------------"
    ])
    expect(stdout.slice(2).map((line) => line.trim().split(/\s+/).slice(0, 3).join(" "))).toEqual([
      "1 dist READY",
      "2 dist READY",
      "3 dist READY",
      "4 dist READY"
    ])
    expect((await run("-q", "list-repos")).stdout).toHaveLength(4)
    expect((await run("-q", "list-repos", "--internal")).stdout).toEqual([])
    expect((await run("list-repos", "--dist", "--internal")).code).toBe(2)
    expect((await run("list-repos", "nosuch")).stderr).toEqual(["distgraph: error: No such tagInfo: 'nosuch'"])
  })

  it("repoinfo gives a URL at which the repo is", async () => {
    const { stdout } = await run("repoinfo", "1", "2")
    const urls = stdout.flatMap((line) => /^Repo json: (.*)$/.exec(line)?.[1] ?? [])
    expect(urls).toHaveLength(2)
    for (const url of urls) expect(existsSync(new URL(url))).toBe(true)
    expect((await run("repoinfo", "99")).stderr).toEqual(["distgraph: error: No such repo: 99"])
    expect((await run("repoinfo", "demo")).code).toBe(2)
    const { repos } = await json("repoinfo", "1")
    expect(repos).toMatchObject([{ id: 1, state: "READY", dist: true, opts: null, task_id: null, volume: "DEFAULT" }])
  })

  it("pin-repo and unpin-repo say nothing, and are shown", async () => {
    expect(await run("pin-repo", "1", "2")).toEqual(quiet)
    expect(await run("unpin-repo", "2")).toEqual(quiet)
    expect((await run("list-repos")).stdout.filter((line) => line.endsWith("demo [PINNED]"))).toHaveLength(1)
    expect((await run("repoinfo", "1")).stdout.at(-1)).toBe("Pinned: yes")
  })

  it("expire-repo moves latest on", async () => {
    expect(await run("expire-repo", "4")).toEqual(quiet)
    expect(readlinkSync(join(rig.tagDir(), "latest"))).toBe("3")
    expect((await json("list-repos", "--state", "EXPIRED")).repos).toMatchObject([{ id: 4, state: "EXPIRED" }])
  })

  it("expire-repos --dry-run says what would become of each and why, and does nothing", async () => {
    const { code, stdout, stderr } = await run(
      "expire-repos",
      "--lifetime",
      "0",
      "--expired-lifetime",
      "1d",
      "--dry-run"
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: [] })
    expect(stdout.map((line) => line.replace(/\d+ (second|minute)s?$/, "A WHILE"))).toEqual([
      "repo 1 of demo (dist, READY) stays: it is pinned",
      "repo 2 of demo (dist, READY) expires: it has been READY for A WHILE",
      "repo 3 of demo (dist, READY) stays: latest leads to it",
      "repo 4 of demo (dist, EXPIRED) stays: it has been EXPIRED for A WHILE"
    ])
    expect(await rig.repoStates()).toEqual(["1 READY", "2 READY", "3 READY", "4 EXPIRED"])
  })

  it("expire-repos does it, and gives it as data", async () => {
    const { repos, removed, trees } = await json(
      "expire-repos",
      "--keep",
      "2",
      "--lifetime",
      "0",
      "--expired-lifetime",
      "0"
    )
    expect(removed).toEqual([4])
    expect(trees).toEqual([])
    expect(
      repos.map(({ id, verdict, because }: { id: number; verdict: string; because: { _tag: string } }) => [
        id,
        verdict,
        because._tag
      ])
    ).toEqual([
      [1, "stays", "Pinned"],
      [2, "stays", "Newest"],
      [3, "stays", "Latest"],
      [4, "goes", "Old"]
    ])
    for (const bad of [
      ["--keep", "-1"],
      ["--lifetime", "soon"],
      ["--expired-lifetime", "1w"]
    ]) {
      expect((await run("expire-repos", ...bad)).code).toBe(2)
    }
  })

  it("delete-repo refuses what is needed, and deletes the rest at once", async () => {
    expect(await run("delete-repo", "1")).toMatchObject({
      code: 1,
      stderr: ["distgraph: error: Repo 1 is pinned; unpin-repo 1 lets it go"]
    })
    expect(await run("delete-repo", "2")).toEqual(quiet)
    expect(await run("delete-repo", "2", "4")).toEqual({
      ...quiet,
      stderr: ["repo 2 is deleted already", "repo 4 is deleted already"]
    })
    expect(await run("unpin-repo", "1")).toEqual(quiet)
    const { removed, trees } = await json("delete-repo", "--force", "1", "3")
    expect(removed).toEqual([1, 3])
    expect(trees.length).toBeGreaterThan(0)
    expect((await run("-q", "list-repos")).stdout).toEqual([])
    expect((await run("-q", "list-repos", "--state", "DELETED")).stdout).toHaveLength(4)
  })
})
