import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, beforeAll, expect, it } from "vitest"
import { Hub } from "../../src/hub/hub.ts"
import { describeWithShared, sharedPath } from "../kit/oracle.ts"
import { continueOracle, ORACLE_USER, type OracleEvents, rebuildOracle } from "../kit/oracle-scenario.ts"
import { runHere } from "./run-cli.ts"

const recording = (name: string) => readFileSync(sharedPath("hub-recordings", name, "command.txt"), "utf8")

/** What the stock `koji` client was run with. */
const recordedWords = (name: string): ReadonlyArray<string> =>
  /^command: koji (.*)$/m.exec(recording(name))?.[1]?.split(" ") ?? []

/** What it printed for a command of the recorded hub. */
const recorded = (name: string) => {
  const text = recording(name)
  const [, stdout = "", stderr = ""] = /--- stdout ---\n(.*)\n--- stderr ---\n(.*)$/s.exec(text) ?? []
  return { code: Number(/exit code: (\d+)/.exec(text)?.[1]), stdout: linesOf(stdout), stderr: linesOf(stderr) }
}

const linesOf = (text: string) => text.split("\n").filter((line) => line !== "")

const LAST_SETUP_EVENT = 117

describeWithShared("hub-recordings")("the listings of a hub rebuilt from the recorded one", () => {
  const topdir = mkdtempSync(join(tmpdir(), "distgraph-recorded-"))
  let events: OracleEvents = { hubEvent: () => 0 }
  beforeAll(async () => {
    const rebuilt = rebuildOracle({ upTo: LAST_SETUP_EVENT })
    events = await Effect.runPromise(Effect.provide(rebuilt, Hub.layer(topdir, { user: ORACLE_USER })))
  }, 60_000)
  afterAll(() => rmSync(topdir, { recursive: true }))

  const run = async (...args: ReadonlyArray<string>) => {
    const { code, stdout, stderr } = await runHere(args, { DISTGRAPH_TOPDIR: topdir })
    return { code, stdout: linesOf(stdout), stderr: linesOf(stderr) }
  }

  it.each([
    ["query-list-tagged", ["list-tagged", "dist-1-updates", "--inherit"]],
    ["query-list-tagged-latest", ["list-tagged", "--latest", "--inherit", "dist-1-updates"]],
    ["query-list-tagged-rpms-sigs", ["list-tagged", "--rpms", "--sigs", "--inherit", "dist-1-updates"]],
    [
      "query-list-tagged-rpms-arch",
      ["list-tagged", "--rpms", "--arch", "x86_64", "--latest", "--inherit", "dist-1-updates"]
    ],
    ["query-list-tag-inheritance", ["list-tag-inheritance", "dist-1-updates"]],
    ["query-list-groups", ["list-groups", "dist-1"]],
    ["query-show-groups-comps", ["show-groups", "--comps", "dist-1"]]
  ])("%s is what koji printed, line for line", async (name, args) => {
    expect(await run(...args)).toEqual(recorded(name))
  })

  it("list-tagged --event is what koji printed, but for the event's id and time", async () => {
    const event = String(events.hubEvent(87))
    const { code, stdout } = await run("list-tagged", "--inherit", "--latest", "--event", event, "dist-1")
    const koji = recorded("query-list-tagged-event")
    expect({ code, stdout: stdout.slice(1) }).toEqual({ code: koji.code, stdout: koji.stdout.slice(1) })
    const heading = (id: string) =>
      new RegExp(`^Querying at event ${id} \\(\\w{3} \\w{3} [ \\d]\\d [\\d:]{8} \\d{4}\\)$`)
    expect(stdout[0]).toMatch(heading(event))
    expect(koji.stdout[0]).toMatch(heading("87"))
  })

  it("list-pkgs is what koji printed; koji lists the nearest tag first, we go by name", async () => {
    const { code, stdout } = await run("list-pkgs", "--tag", "dist-1-updates", "--show-blocked")
    const koji = recorded("query-list-pkgs")
    expect({ code, heading: stdout.slice(0, 2) }).toEqual({ code: koji.code, heading: koji.stdout.slice(0, 2) })
    expect(stdout.slice(2).sort()).toEqual(koji.stdout.slice(2).sort())
  })

  it("list-history is what koji printed, but for the times", async () => {
    const { code, stdout } = await run("list-history", "--tag", "dist-1-updates")
    const koji = recorded("query-list-history-tag")
    const timeless = (lines: ReadonlyArray<string>) =>
      lines.map((line) => line.replace(/^\w{3} \w{3} [ \d]\d [\d:]{8} \d{4} /, "TIME "))
    expect({ code, stdout: timeless(stdout) }).toEqual({ code: koji.code, stdout: timeless(koji.stdout) })
  })

  it("taginfo is what koji printed, without targets and build repos, which this hub has not", async () => {
    const { code, stdout } = await run("taginfo", "dist-1-updates")
    const koji = recorded("query-taginfo")
    const elsewhere = /^(This tag is a buildroot|Current repo:|Targets that build from this tag:| {2}dist-1$)/
    expect({ code, stdout }).toEqual({ code: koji.code, stdout: koji.stdout.filter((line) => !elsewhere.test(line)) })
  })

  it("query-repoinfo is what koji printed, but for times and events, and that the URL is right", async () => {
    const createEvent = events.hubEvent(119)
    const repo = { tag: "dist-1", createEvent, content: "", options: "", fingerprint: "", root: "" }
    const made = Effect.flatMap(Hub, (hub) => Effect.tap(hub.repoInit(repo), () => hub.repoInit(repo)))
    await Effect.runPromise(
      Effect.provide(
        Effect.zipRight(
          made,
          Effect.flatMap(Hub, (hub) => hub.setRepoState(2, "READY"))
        ),
        Hub.layer(topdir)
      )
    )
    const { code, stdout, stderr } = await run("repoinfo", "2", "--topurl", "")
    const koji = recorded("query-repoinfo")
    const timeless = (lines: ReadonlyArray<string>) =>
      lines.map((line) => line.replace(/^(Created: )\w{3}, \d\d \w{3} \d{4} [\d:]{8} (.*)$/, "$1TIME"))
    const expected = timeless(koji.stdout).map((line) =>
      line.replace("URL: /repos/", "URL: /repos-dist/").replace("event: 119", `event: ${createEvent}`)
    )
    expect({ code, stdout: timeless(stdout), stderr }).toEqual({ code: koji.code, stdout: expected, stderr: [] })
    expect(expected).toContain("Created: TIME")
  })

  it("a tag that is not there is the same error, in our form", async () => {
    const koji = recorded("query-taginfo-no-such-tag")
    const message = koji.stderr[0]?.replace(/^.*GenericError: /, "")
    expect(await run("taginfo", "nosuch")).toEqual({
      code: koji.code,
      stdout: [],
      stderr: [`distgraph: error: ${message}`]
    })
  })

  it.each([
    ["import-sig-again", ["import-sig", "keyA/epsilon-4.2-3.x86_64.rpm"]],
    ["import-sig-unsigned-skipped", ["import-sig", "unsigned/zeta-1.0-1.x86_64.rpm"]],
    ["query-write-signed-rpm-all", ["write-signed-rpm", "b234aeac", "betatool-2.1-1"]]
  ])("%s says what koji said, but on stderr", async (name, [command = "", ...args]) => {
    const words = args.map((arg) => (arg.endsWith(".rpm") ? sharedPath("oracle", "rpms", arg) : arg))
    const { code, stdout, stderr } = await run(command, ...words)
    const koji = recorded(name)
    // koji was run in the packages' folder, and goes by rpm id where we go by name
    const names = (lines: ReadonlyArray<string>) => lines.map((line) => line.replace(/^\[.*?\] |\/\S*\//g, "")).sort()
    expect({ code, stdout }).toEqual({ code: koji.code, stdout: [] })
    expect(names(stderr)).toEqual(names(koji.stdout))
  })

  it("write-signed-rpm with a key that did not sign fails with koji's message", async () => {
    const koji = recorded("write-signed-rpm-unknown-key")
    const { code, stderr } = await run("write-signed-rpm", "eaab7777", "iota-1.0-1.x86_64")
    expect({ code, stderr }).toEqual({
      code: koji.code,
      stderr: [expect.stringContaining(koji.stderr[0]?.replace(/^.*GenericError: /, "") ?? "")]
    })
  })

  it("query-list-tags, asked when some more tags had been made, is what koji printed", async () => {
    const later = continueOracle({ after: LAST_SETUP_EVENT, upTo: Number.POSITIVE_INFINITY })
    await Effect.runPromise(Effect.provide(later, Hub.layer(topdir, { user: ORACLE_USER })))
    expect(await run("list-tags")).toEqual(recorded("query-list-tags"))
  })
})

describeWithShared("hub-recordings")("setting up a hub with koji's own command lines", () => {
  const topdir = mkdtempSync(join(tmpdir(), "distgraph-recorded-"))
  afterAll(() => rmSync(topdir, { recursive: true }))

  /** Runs what koji was run with; the packages' folder is another. */
  const replay = async (name: string, folder = "unsigned") => {
    const koji = recorded(name)
    const path = sharedPath("oracle", "rpms", folder)
    const args = recordedWords(name).map((word) => (word.endsWith(".rpm") ? join(path, word) : word))
    const { code, stdout, stderr } = await runHere(args, { DISTGRAPH_TOPDIR: topdir, USER: ORACLE_USER })
    const talk = linesOf(stderr).map((line) => line.replaceAll(`${path}/`, ""))
    return { koji, ours: { code, stdout: linesOf(stdout), stderr: talk } }
  }

  it("setup-import-build prints koji's lines in koji's order, on stderr, but uploads nothing", async () => {
    const { koji, ours } = await replay("setup-import-build")
    const imports = koji.stdout.filter((line) => !line.startsWith("uploading "))
    expect(imports).toHaveLength(8)
    expect(ours).toEqual({ code: koji.code, stdout: [], stderr: imports })
  })

  it("list-tags-empty: without tags, nothing is listed", async () => {
    const { koji, ours } = await replay("list-tags-empty")
    expect(ours).toEqual({ code: koji.code, stdout: koji.stdout, stderr: [] })
  })

  it("setup-import-sig-key-a prints koji's lines, on stderr", async () => {
    const { koji, ours } = await replay("setup-import-sig-key-a", "keyA")
    expect(koji.stdout).toHaveLength(16)
    expect(ours).toEqual({ code: koji.code, stdout: [], stderr: koji.stdout })
  })

  it("setup-add-pkg prints koji's line, on stderr", async () => {
    await runHere(["add-tag", "dist-1"], { DISTGRAPH_TOPDIR: topdir })
    const { koji, ours } = await replay("setup-add-pkg")
    expect(ours).toEqual({ code: koji.code, stdout: [], stderr: koji.stdout })
  })

  it("setup-add-group, -pkg and -req are silent, as koji is, and what they made is what koji lists", async () => {
    for (const name of ["setup-add-group", "setup-add-group-pkg", "setup-add-group-req"]) {
      if (name === "setup-add-group-req") await runHere(["add-group", "dist-1", "devel"], { DISTGRAPH_TOPDIR: topdir })
      const { koji, ours } = await replay(name)
      expect(ours, name).toEqual({ code: koji.code, stdout: koji.stdout, stderr: [] })
    }
    const { stdout } = await runHere(["list-groups", "dist-1"], { DISTGRAPH_TOPDIR: topdir })
    const others = recorded("query-list-groups").stdout.filter((line) => !/kappa|libalpha-devel/.test(line))
    expect(linesOf(stdout)).toEqual(others)
  })

  it("setup-add-volume prints koji's line, on stderr, and list-volumes koji's list", async () => {
    mkdirSync(join(topdir, "vol/vol2"), { recursive: true })
    const { koji, ours } = await replay("setup-add-volume")
    expect(ours).toEqual({ code: koji.code, stdout: [], stderr: koji.stdout })
    const listed = await replay("query-list-volumes")
    expect(listed.ours).toEqual({ code: listed.koji.code, stdout: listed.koji.stdout, stderr: [] })
  })

  it("setup-tag-build tags, and says so in place of koji's task", async () => {
    const source = sharedPath("oracle", "rpms", "unsigned", "libalpha-1.1-1.src.rpm")
    await runHere(["import", source], { DISTGRAPH_TOPDIR: topdir })
    const { koji, ours } = await replay("setup-tag-build")
    expect(ours).toEqual({ code: koji.code, stdout: [], stderr: ["libalpha-1.1-1 tagged into dist-1"] })
  })
})
