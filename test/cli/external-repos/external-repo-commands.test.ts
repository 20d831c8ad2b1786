import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { runHere } from "../run-cli.ts"

const topdir = mkdtempSync(join(tmpdir(), "distgraph-hub-"))
beforeAll(async () => {
  for (const tag of ["base", "child"]) await run("add-tag", tag)
  await run("add-tag-inheritance", "child", "base")
})
afterAll(() => rmSync(topdir, { recursive: true }))

/** Runs one command on the hub of this file, whose state goes on from test to test. */
const run = async (...args: ReadonlyArray<string>) => {
  const { code, stdout, stderr } = await runHere(args, { DISTGRAPH_TOPDIR: topdir })
  return { code, stdout: stdout.split("\n").slice(0, -1), stderr: stderr.split("\n").slice(0, -1) }
}
const quiet = { code: 0, stdout: [], stderr: [] }
const listed = async (...options: ReadonlyArray<string>) => (await run("list-external-repos", ...options)).stdout
const misuse = async (...args: ReadonlyArray<string>) => {
  const { code, stderr } = await run(...args)
  return [code, stderr.at(-1)?.replace(/^.*error: /, "")]
}

// what they print is Koji's client's, from its source
describe("the commands for external repos", () => {
  it("add-external-repo makes one, and has tags use it with priorities of their own, one for all, or one that is free", async () => {
    expect(await run("add-external-repo", "one", "http://example.org/1/$arch")).toEqual({
      ...quiet,
      stderr: ["Created external repo 1"]
    })
    const options = ["-t", "base::3", "-t", "child", "-m", "bare", "-a", "x86_64,i686"]
    expect(await run("add-external-repo", "two", "http://example.org/2/", ...options)).toEqual({
      ...quiet,
      stderr: [
        "Created external repo 2",
        "Added external repo two to tag base (priority 3)",
        "Added external repo two to tag child (priority 5)"
      ]
    })
    expect((await run("add-external-repo", "one", "--tag", "base::auto", "-p", "20")).stderr).toEqual([
      "Added external repo one to tag base (priority 20)"
    ])
  })

  it("list-external-repos lists all, those of a tag, with its parents, or who uses which", async () => {
    expect(await listed()).toEqual([
      "External repo name        URL",
      "------------------------- ----------------------------------------",
      "one                       http://example.org/1/$arch/",
      "two                       http://example.org/2/"
    ])
    expect(await listed("--tag", "base")).toEqual([
      "Pri External repo name        Mode       URL",
      "--- ------------------------- ---------- ----------------------------------------",
      "3   two                       bare       http://example.org/2/",
      "20  one                       koji       http://example.org/1/$arch/"
    ])
    expect(await listed("--tag", "child", "--inherit")).toEqual([
      "Tag                  Pri Mode       External repo name",
      "-------------------- --- ---------- -------------------------",
      "child                5   bare       two",
      "base                 20  koji       one"
    ])
    expect(await listed("-q", "--used")).toEqual([
      "base                 3   bare       two",
      "child                5   bare       two",
      "base                 20  koji       one"
    ])
    expect(await listed("-q", "--url", "http://example.org/2")).toHaveLength(1)
    expect(await listed("-q", "--id", "1")).toEqual(["one                       http://example.org/1/$arch/"])
    expect(await listed("-q", "--used", "--name", "one")).toHaveLength(1)
  })

  it("taginfo shows them", async () => {
    expect((await run("taginfo", "base")).stdout).toEqual([
      "Tag: base [1]",
      "Arches: ",
      "Groups: ",
      "Tag options:",
      "External repos:",
      "    3 two (http://example.org/2/, merge mode: bare), arches: x86_64 i686",
      "   20 one (http://example.org/1/$arch/, merge mode: koji), arches: inherited from tag",
      "Inheritance:"
    ])
  })

  it("edit-external-repo changes one, and how a tag uses it", async () => {
    expect(await run("edit-external-repo", "two", "--name", "zwei", "--url", "file:///srv/2")).toEqual(quiet)
    expect(await run("edit-external-repo", "zwei", "-t", "base", "-p", "30", "-m", "simple", "-a", "")).toEqual(quiet)
    expect(await listed("-q", "--tag", "base")).toEqual([
      "20  one                       koji       http://example.org/1/$arch/",
      "30  zwei                      simple     file:///srv/2/"
    ])
  })

  it("remove-external-repo takes it from tags, and away altogether only if none uses it or it is forced", async () => {
    expect(await run("remove-external-repo", "zwei")).toEqual({
      code: 1,
      stdout: [],
      stderr: ["distgraph: error: external repo zwei used by tag(s): child, base", "Use --force to remove anyway"]
    })
    expect(await run("remove-external-repo", "zwei", "base")).toEqual(quiet)
    expect((await run("remove-external-repo", "zwei", "base")).stderr).toEqual([
      "distgraph: warning: External repo zwei not associated with tag base"
    ])
    expect(await run("remove-external-repo", "zwei", "--alltags")).toEqual(quiet)
    expect((await run("remove-external-repo", "zwei", "--alltags")).stderr).toEqual([
      "distgraph: warning: External repo zwei not associated with any tags"
    ])
    expect(await run("remove-external-repo", "zwei")).toEqual(quiet)
    expect(await run("remove-external-repo", "one", "--force")).toEqual(quiet)
    expect(await listed("-q")).toEqual([])
  })

  it("are not understood where options do not fit", async () => {
    expect(await misuse("add-external-repo", "x")).toEqual([2, "A url is required to create an external repo entry"])
    expect(await misuse("add-external-repo", "x", "http://x", "-m", "koji")).toEqual([
      2,
      "The --mode option can only be used with --tag"
    ])
    expect(await misuse("add-external-repo", "x", "http://x", "-t", "base::x")).toEqual([2, "Invalid priority: x"])
    expect(await misuse("edit-external-repo", "x")).toEqual([2, "No changes specified"])
    expect(await misuse("edit-external-repo", "x", "-t", "base")).toEqual([
      2,
      "At least, one of priority and merge mode should be specified"
    ])
    expect(await misuse("edit-external-repo", "x", "-p", "1")).toEqual([
      2,
      "If priority is specified, --tag must be specified as well"
    ])
    expect(await misuse("remove-external-repo", "x", "base", "--alltags")).toEqual([
      2,
      "Do not specify tags when using --alltags"
    ])
    expect(await misuse("list-external-repos", "--tag", "base", "--inherit", "--name", "x")).toEqual([
      2,
      "Can't select by repo when using --inherit"
    ])
  })
})
