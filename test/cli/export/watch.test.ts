import { join } from "node:path"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { contentOf, type ExportRig, exportRig } from "../../kit/export-rig.ts"
import { fixtureKeys } from "../../kit/fixtures.ts"
import { runHere } from "../run-cli.ts"

let rig: ExportRig
beforeEach(async () => {
  rig = await exportRig({ builds: ["hello-1.0-1"] })
  await rig.hub((hub) =>
    Effect.gen(function* () {
      const enabled = { "tag2distrepo.enabled": true }
      yield* hub.editTag("demo", { extra: { ...enabled, "tag2distrepo.keys": fixtureKeys.a } })
      yield* hub.addTag("broken", { extra: { ...enabled, "tag2distrepo.keys": 12345678 } })
      yield* hub.addTag("unsigned", { arches: "x86_64", extra: { ...enabled, "tag2distrepo.keys": fixtureKeys.b } })
      yield* hub.addTag("unwatched", { arches: "x86_64" })
      yield* hub.addPackages("unsigned", ["minish"])
      yield* hub.tagBuild("unsigned", ["minish-5-2"])
    })
  )
})
afterEach(() => rig.close())

const run = async (...args: ReadonlyArray<string>) => {
  const env = { DISTGRAPH_TOPDIR: rig.topdir, DISTGRAPH_STORE: rig.store }
  const { code, stderr, stdout } = await runHere(["watch", ...args], env)
  return { code, stdout: stdout.split("\n").slice(0, -1), stderr: stderr.split("\n").slice(0, -1) }
}
const json = async (...args: ReadonlyArray<string>) => {
  const { code, stdout } = await run("--json", "--quiet", ...args)
  return { code, ...JSON.parse(stdout.join("\n")) }
}

const problems = [
  "Tag broken has no arches configured but tag2distrepo is enabled",
  `tag2distrepo.keys of tag broken is a number (12345678) where there must be text: edit-tag broken -x 'tag2distrepo.keys="12345678"'`
]
const missing = [
  expect.stringMatching(
    /^unsigned waits for signatures until \d{4}-\d\d-\d\dT.*Z, 30 minutes after the first of them came into the tag: 1 rpm is not signed with fafdf4f9:$/
  ),
  `  minish-5-2.x86_64: unsigned, ${fixtureKeys.a}`
]

describe("watch --once", () => {
  it("exports what is due, says what is wrong with each other tag in full, and ends with 1 for that", async () => {
    const { code, stderr, stdout } = await run("--once")
    expect(code).toBe(1)
    expect(stdout).toEqual([problems[0], `demo: repo 1: ${rig.tagDir()}/1`, ...missing])
    expect(stderr).toEqual([`distgraph: warning: ${problems[0]}`, problems[1], "Creating dist repo for tag demo"])
    expect(await rig.repoStates()).toEqual(["1 READY"])
  })

  it("gives the same as data", async () => {
    expect(await json("--once")).toMatchObject({
      code: 1,
      tags: [
        { tag: "broken", status: "unusable", problems },
        { tag: "demo", status: "published", repo: { id: 1, latest: 1 }, unsigned: [] },
        {
          tag: "unsigned",
          status: "waiting",
          keys: [fixtureKeys.b],
          unsigned: [{ nvra: "minish-5-2.x86_64", available: ["", fixtureKeys.a] }]
        }
      ]
    })
    const { tags } = await json("--once", "--wait-signatures", "0")
    expect(tags.map(({ status }: { readonly status: string }) => status)).toEqual(["unusable", "unchanged", "refused"])
  })

  it("is limited to tags by patterns; what matches none is named", async () => {
    const { code, stderr, stdout } = await run("--once", "--tag", "d*o", "--tag", "un?atched", "--quiet")
    expect({ code, stderr, stdout }).toEqual({
      code: 0,
      stdout: [`demo: repo 1: ${rig.tagDir()}/1`],
      stderr: [
        "distgraph: warning: no tag un?atched asks to be exported: its extra value tag2distrepo.enabled would have to be true"
      ]
    })
  })

  it("makes repos as the options for all of them say", async () => {
    await run("--once", "--tag", "demo", "--compress", "zstd", "--layout", "shared")
    expect(
      Object.keys(contentOf(join(rig.tagDir(), "1/x86_64/repodata"))).filter((name) => name.endsWith(".zst"))
    ).toHaveLength(3)
    expect(contentOf(join(rig.tagDir(), "1"))["x86_64/Packages/h"]).toMatch(/^-> /)
  })
})

describe("watch --dry-run", () => {
  it("says what would be exported and why, and makes nothing", async () => {
    const before = contentOf(rig.topdir)
    expect(await run("--dry-run")).toEqual({
      code: 1,
      stdout: [problems[0], "demo: would be exported: it has no repo with these options", ...missing],
      stderr: [`distgraph: warning: ${problems[0]}`, problems[1]]
    })
    const { "hub.db-shm": _, "hub.db-wal": __, ...after } = contentOf(rig.topdir)
    expect(before).toMatchObject(after)

    await run("--once", "--tag", "demo")
    expect((await run("--dry-run", "--tag", "demo")).stdout).toEqual([
      `demo: unchanged since repo 1 (${rig.tagDir()}/1)`
    ])
    const { createEvent } = await rig.hub((hub) => hub.repo(1))
    await rig.hub((hub) => hub.tagBuild("demo", ["hello-1.1-1"]))
    expect(await run("--dry-run", "--tag", "demo")).toEqual({
      code: 0,
      stdout: [
        `demo: would be exported: its content has changed since repo 1 (event ${createEvent})`,
        `  event ${createEvent + 1}: hello-1.1-1: tagged into demo`
      ],
      stderr: []
    })
    expect(await json("--dry-run", "--tag", "demo")).toMatchObject({
      tags: [
        { tag: "demo", status: "due", because: { _tag: "OtherContent", repo: 1 }, causes: [{ subject: "hello-1.1-1" }] }
      ]
    })
  })
})

describe("watch", () => {
  it.each([
    [["--once", "--dry-run"], "--dry-run looks once anyway: leave --once out"],
    [["--quiet-period", "soon"], "--quiet-period: not an age: 'soon' (30m, 8h, 7d, or seconds)"],
    [["--quiet-period", "1m", "--max-delay", "10"], "--max-delay must not be shorter than --quiet-period"],
    [["--interval", "0"], "--interval must be at least 1 second"],
    [["--wait-signatures", "-1"], "--wait-signatures: not an age: '-1' (30m, 8h, 7d, or seconds)"],
    [["demo"], "Unexpected argument: demo (did you mean --tag demo?)"]
  ])("%j is a usage error", async (args, reason) => {
    const { code, stderr } = await run(...args)
    expect({ code, error: stderr.at(-1) }).toEqual({ code: 2, error: `distgraph: error: ${reason}` })
  })
})
