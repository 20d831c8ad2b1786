import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { commands } from "../../src/cli/commands.ts"
import { runCli, runNode, spawnNode } from "./run-cli.ts"

const folder = mkdtempSync(join(tmpdir(), "distgraph-cli-"))
afterAll(() => rmSync(folder, { recursive: true }))

describe("distgraph", () => {
  it("--version prints the version of the package", async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8"))
    expect(await runCli(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" })
  })

  it("--help lists all commands on stdout", async () => {
    const { code, stdout, stderr } = await runCli(["--help"])
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    expect(stdout).toMatch(/^Usage: distgraph \[options\] COMMAND \[arguments\]\n/)
    for (const { spec } of commands) expect(stdout).toContain(`\n  ${spec.name} `)
  })

  it("prints a usage error as Koji does, on stderr with exit code 2", async () => {
    expect(await runCli(["add-pkg", "dist-1"])).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "Usage: distgraph add-pkg [options] <tag> <package> [<package> ...]\n" +
        "(Specify the --help option for a list of other options)\n\n" +
        "distgraph: error: Please specify a tag and at least one package\n"
    })
  })

  it("prints a usage error that only the command can see in the same form, and as JSON where that is wanted", async () => {
    const { code, stdout, stderr } = await runCli(["list-pkgs", "--topdir", folder, "--json"])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^Usage: distgraph list-pkgs .*\n.*\n\ndistgraph: error: Please specify a tag with --tag\n$/)
    expect(JSON.parse(stdout)).toMatchObject({
      error: { _tag: "UsageError", message: "Please specify a tag with --tag" }
    })
  })

  it("prints a failure as a sentence with exit code 1, and with --json on stdout too", async () => {
    const topdir = join(folder, "failure")
    const refused = await runCli(["list-tags", "--topdir", topdir])
    expect(refused).toEqual({
      code: 1,
      stdout: "",
      stderr: `distgraph: error: There is no hub in ${topdir}. Check --topdir (or DISTGRAPH_TOPDIR); add-tag or import starts a new hub.\n`
    })
    const json = await runCli(["list-tags", "--topdir", topdir, "--json"])
    expect(json.stderr).toBe(refused.stderr)
    expect(JSON.parse(json.stdout)).toEqual({
      error: { _tag: "NoHub", topdir, message: expect.stringMatching(/^There is no hub in /) }
    })
  })

  it("resolves relative paths against the working directory", async () => {
    const cwd = join(folder, "here")
    mkdirSync(cwd)
    await runCli(["add-tag", "dist-1", "--topdir", "top"], { cwd })
    const { stdout } = await runCli(["list-tags"], { env: { DISTGRAPH_TOPDIR: join(cwd, "top") } })
    expect(stdout).toBe("dist-1\n")
  })

  it("ends quietly when nobody reads its output any more", async () => {
    const child = spawnNode([join(import.meta.dirname, "../../src/cli/main.ts"), "--help"])
    child.stdout.destroy()
    let stderr = ""
    child.stderr.on("data", (text) => (stderr += text))
    const code = await new Promise((resolve) => child.on("close", resolve))
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
  })
})

describe("on a version of Node that is too old", () => {
  it("says which is needed and how to get it", async () => {
    // a newer Node that claims to be an older one
    const pretend =
      "data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'24.9.0'}})"
    const { code, stdout, stderr } = await runNode([
      "--import",
      pretend,
      join(import.meta.dirname, "../../src/cli/main.ts"),
      "--version"
    ])
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
    expect(stderr).toMatch(/^distgraph: error: Node 26 or newer is needed .* this is Node 24\.9\.0\. .*npm ci/)
  })

  const old = systemNode()
  it.skipIf(old === undefined)("says so even where that Node cannot read TypeScript", () => {
    const entry = join(import.meta.dirname, "../../src/cli/distgraph.mjs")
    expect(() => execFileSync(old ?? "", [entry, "--version"], { stdio: "pipe", encoding: "utf8" })).toThrow(
      /Node 26 or newer is needed/
    )
  })
})

/** A Node of a version before 22 in the usual place, where there is one. */
function systemNode(): string | undefined {
  try {
    const version = execFileSync("/usr/bin/node", ["--version"], { encoding: "utf8" })
    return Number.parseInt(version.slice(1), 10) < 22 ? "/usr/bin/node" : undefined
  } catch {
    return undefined
  }
}
