import { existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { fixture, fixtureKeys } from "../kit/fixtures.ts"
import { runHere } from "./run-cli.ts"

const topdir = mkdtempSync(join(tmpdir(), "distgraph-hub-"))
afterAll(() => rmSync(topdir, { recursive: true }))

/** Runs one command on the hub of this file, whose state goes on from test to test. */
const run = async (...args: ReadonlyArray<string>) => {
  const { code, stdout, stderr } = await runHere(args, { DISTGRAPH_TOPDIR: topdir })
  return { code, stdout: stdout.split("\n").slice(0, -1), stderr: stderr.split("\n").slice(0, -1) }
}
const quiet = { code: 0, stdout: [], stderr: [] }
const failure = (...lines: ReadonlyArray<string>) => ({ code: 1, stdout: [], stderr: lines })
const json = async (...args: ReadonlyArray<string>) => JSON.parse((await run("--json", ...args)).stdout.join("\n"))
const rpms = (copy: "unsigned" | "key-a" | "key-b", ...names: ReadonlyArray<string>) =>
  names.map((name) => fixture(copy, `${name}.rpm`))
const hello = (version: string) => ["src", "x86_64", "aarch64"].map((arch) => `hello-${version}.${arch}`)

describe("the hub's commands, from an empty hub on", () => {
  it("add-tag makes a tag without a word", async () => {
    expect(await run("add-tag", "base", "--arches", "x86_64 aarch64", "-x", "rpm.dist=.b1")).toEqual(quiet)
    expect(await run("add-tag", "child", "--arches=x86_64")).toEqual(quiet)
  })

  it("add-tag refuses a name that is taken, in Koji's words", async () => {
    expect(await run("add-tag", "base")).toEqual(failure("distgraph: error: A tag with the name 'base' already exists"))
  })

  it("add-tag --parent inherits, and makes no tag if the parent is not there", async () => {
    expect(await run("add-tag", "grandchild", "--parent", "nosuch")).toEqual(
      failure("distgraph: error: No such tagInfo: 'nosuch'")
    )
    expect(await run("add-tag", "grandchild", "--parent", "child")).toEqual(quiet)
  })

  it("edit-tag warns of a key id that became a number, and says how to store it as text", async () => {
    const { code, stderr } = await run("edit-tag", "child", "-x", "key=12345678", "-x", "note='[1, 2]'")
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: [
        `distgraph: warning: key is now a number. If 12345678 is a key id, store it as text: edit-tag -x 'key="12345678"'`
      ]
    })
  })

  it("edit-tag removes and blocks values, but not one that is set at once", async () => {
    expect(await run("edit-tag", "child", "-r", "note", "-b", "rpm.dist", "-x", 'key="12345678"')).toEqual(quiet)
    expect((await run("edit-tag", "child", "-r", "key", "-x", "key=1")).code).toBe(2)
  })

  it("add-tag-inheritance takes Koji's options", async () => {
    const options = ["--priority", "10", "--maxdepth", "0", "--pkg-filter", "^hel", "--intransitive", "--noconfig"]
    expect(await run("add-tag-inheritance", "child", "base", ...options)).toEqual(quiet)
  })

  it("taginfo shows configuration and parents", async () => {
    expect((await run("taginfo", "child", "base")).stdout).toEqual([
      "Tag: child [2]",
      "Arches: x86_64",
      "Groups: ",
      "Tag options:",
      "  key : '12345678'",
      "Inheritance:",
      "  10   MFIN base [1]",
      "    maxdepth: 0",
      "    package filter: ^hel",
      "",
      "Tag: base [1]",
      "Arches: x86_64 aarch64",
      "Groups: ",
      "Tag options:",
      "  rpm.dist : '.b1'",
      "Inheritance:"
    ])
    expect(await json("taginfo", "child")).toMatchObject({
      tags: [
        { name: "child", extra: { key: "12345678" }, inheritance: [{ name: "base", maxdepth: 0, pkg_filter: "^hel" }] }
      ]
    })
  })

  it("list-tag-inheritance draws the tree", async () => {
    expect((await run("list-tag-inheritance", "grandchild")).stdout).toEqual([
      "     grandchild (3)",
      "....  └─child (2)"
    ])
  })

  it("remove-tag-inheritance ends an inheritance", async () => {
    expect(await run("remove-tag-inheritance", "child", "base")).toEqual(quiet)
    expect(await run("add-tag-inheritance", "child", "base", "--priority=5")).toEqual(quiet)
  })

  it("list-tags takes patterns and shows ids", async () => {
    expect((await run("list-tags")).stdout).toEqual(["base", "child", "grandchild"])
    expect((await run("list-tags", "*child", "--show-id")).stdout).toEqual(["child [2]", "grandchild [3]"])
    expect((await json("list-tags", "b?se")).tags).toEqual([
      { id: 1, name: "base", arches: "x86_64 aarch64", locked: false, extra: { "rpm.dist": ".b1" } }
    ])
  })

  it("add-pkg says how many it adds, and which are there", async () => {
    expect(await run("add-pkg", "base", "hello", "libgreet", "--owner", "ann")).toMatchObject({
      code: 0,
      stderr: ["Adding 2 packages to tag base"]
    })
    expect(await run("add-pkg", "base", "hello", "minish", "--owner=ann")).toMatchObject({
      stderr: ["Package hello already exists in tag base", "Adding 1 packages to tag base"]
    })
  })

  it("block-pkg and unblock-pkg work without a word", async () => {
    expect(await run("block-pkg", "child", "libgreet", "minish")).toEqual(quiet)
    expect(await run("unblock-pkg", "child", "minish")).toEqual(quiet)
    expect((await run("list-pkgs", "--tag", "child", "--show-blocked")).stdout).toEqual([
      "Package                 Tag                     Extra Arches     Owner          ",
      "----------------------- ----------------------- ---------------- ---------------",
      "hello                   base                                     ann            ",
      "libgreet                child                                    ann             [BLOCKED]",
      "minish                  child                                    ann            "
    ])
    expect((await run("list-pkgs", "--tag", "child", "-q", "--package", "libgreet")).stdout).toEqual([])
  })

  it("import takes the rpms of builds, in any order", async () => {
    const files = rpms("unsigned", ...hello("1.0-1"), ...hello("1.1-1"))
    const { code, stdout, stderr } = await run("import", "--create-build", ...files)
    expect({ code, stdout }).toEqual({ code: 0, stdout: [] })
    expect(stderr.sort()).toEqual(
      [...hello("1.0-1"), ...hello("1.1-1")].map((nvra) => `importing ${nvra}.rpm... done`).sort()
    )
  })

  it("import passes over what is there", async () => {
    const [file] = rpms("unsigned", "hello-1.0-1.x86_64")
    expect(await run("import", file ?? "")).toEqual({
      code: 0,
      stdout: [],
      stderr: [`RPM already imported: ${file}`, "Skipping import"]
    })
  })

  it("import names every file that cannot be taken, and imports none", async () => {
    const text = join(topdir, "hub.db")
    const { code, stderr } = await run(
      "import",
      text,
      join(topdir, "nosuch.rpm"),
      ...rpms("unsigned", "minish-5-2.src")
    )
    expect(code).toBe(1)
    expect(stderr[0]).toBe("distgraph: error: Nothing was imported, because 2 files cannot be:")
    expect(stderr).toHaveLength(3)
    expect(stderr[2]).toBe(`  ${join(topdir, "nosuch.rpm")}: no such file`)
    expect(existsSync(join(topdir, "packages/minish"))).toBe(false)
  })

  it("import-sig imports signatures and writes signed copies, byte for byte", async () => {
    const files = rpms("key-a", "hello-1.0-1.x86_64", "hello-1.0-1.src")
    expect((await run("import-sig", ...files)).stderr).toEqual(
      files.flatMap((file) => [`Importing signature [key ${fixtureKeys.a}] from ${file}...`, "Writing signed copy"])
    )
    const copy = join(topdir, `packages/hello/1.0/1/data/signed/${fixtureKeys.a}/x86_64/hello-1.0-1.x86_64.rpm`)
    expect(readFileSync(copy).equals(readFileSync(files[0] ?? ""))).toBe(true)
    expect((await run("import-sig", ...files.slice(0, 1))).stderr).toEqual([`Signature already imported: ${files[0]}`])
  })

  it("import-sig skips unsigned files, and leaves the copies to write-signed-rpm where told so", async () => {
    const [unsigned] = rpms("unsigned", "hello-1.0-1.x86_64")
    expect((await run("import-sig", unsigned ?? "")).stderr).toEqual([`Skipping unsigned package: ${unsigned}`])
    const files = rpms("key-b", ...hello("1.1-1"))
    expect((await run("import-sig", "--nowrite", ...files)).stderr).toEqual(
      files.map((file) => `Importing signature [key ${fixtureKeys.b}] from ${file}...`)
    )
    const copy = join(topdir, `packages/hello/1.1/1/data/signed/${fixtureKeys.b}/x86_64/hello-1.1-1.x86_64.rpm`)
    expect(existsSync(copy)).toBe(false)
    const { stderr } = await run("write-signed-rpm", fixtureKeys.b.toUpperCase(), "hello-1.1-1")
    expect(stderr.map((line) => line.replace(/ .*/, ""))).toEqual(["[1/3]", "[2/3]", "[3/3]"])
    expect(existsSync(copy)).toBe(true)
  })

  it("write-signed-rpm fails for a key without signature, in Koji's words", async () => {
    expect((await run("write-signed-rpm", "deadbeef", "hello-1.0-1.x86_64")).stderr).toEqual([
      expect.stringContaining("No cached signature for package hello-1.0-1.x86_64, key deadbeef")
    ])
    expect(await run("write-signed-rpm", fixtureKeys.a, "nosuch-1-1", "hello-1.0-1", "nosuch-1-1.noarch")).toEqual(
      failure("distgraph: error: No such build or rpm: nosuch-1-1, nosuch-1-1.noarch")
    )
  })

  it("tag-build tags, and refuses in Koji's words", async () => {
    expect(await run("tag-build", "base", "hello-1.0-1", "hello-1.1-1")).toMatchObject({
      code: 0,
      stdout: [],
      stderr: ["hello-1.0-1 tagged into base", "hello-1.1-1 tagged into base"]
    })
    expect(await run("tag-build", "--nowait", "base", "hello-1.0-1")).toEqual(
      failure("distgraph: error: build hello-1.0-1 already tagged (base)")
    )
    expect(await run("tag-build", "base", "nosuch-1-1")).toEqual(
      failure("distgraph: error: No such build: 'nosuch-1-1'")
    )
  })

  it("list-tagged lists builds and rpms", async () => {
    const row = (nvr: string) => expect.stringMatching(new RegExp(`^${nvr.padEnd(40)}  base {16}  .+$`))
    expect((await run("list-tagged", "child", "--inherit", "-q")).stdout).toEqual([
      row("hello-1.0-1"),
      row("hello-1.1-1")
    ])
    expect((await run("list-tagged", "base", "--latest", "--sigs", "--arch", "x86_64")).stdout).toEqual([
      " hello-1.1-1.x86_64",
      `${fixtureKeys.b} hello-1.1-1.x86_64`
    ])
    expect((await run("list-tagged", "base", "libgreet", "--rpms")).stdout).toEqual([])
    expect((await run("list-tagged", "base", "--rpms", "--paths", "--arch=src", "--latest")).stdout).toEqual([
      join(topdir, "packages/hello/1.1/1/src/hello-1.1-1.src.rpm")
    ])
    expect(await json("list-tagged", "base", "--latest")).toMatchObject({
      builds: [{ nvr: "hello-1.1-1", tag_name: "base", epoch: null }]
    })
    expect(await json("list-tagged", "base", "--arch", "src", "--latest")).toMatchObject({
      rpms: [
        {
          nvra: "hello-1.1-1.src",
          build_nvr: "hello-1.1-1",
          signatures: [
            { sigkey: "", written: false },
            { sigkey: fixtureKeys.b, written: true }
          ]
        }
      ]
    })
  })

  it("untag-build --non-latest leaves the newest build of each package", async () => {
    expect((await run("untag-build", "base", "--non-latest", "--test")).stderr).toEqual([
      "would have untagged hello-1.0-1"
    ])
    expect((await run("untag-build", "--non-latest", "base", "hello")).stderr).toEqual([
      "hello-1.0-1 untagged from base"
    ])
    expect((await run("untag-build", "--all", "base", "hello")).stderr).toEqual(["hello-1.1-1 untagged from base"])
    expect((await run("untag-build", "base")).code).toBe(2)
    expect((await run("untag-build", "base", "hello-1.1-1")).code).toBe(1)
  })

  it("list-tagged reads any past event, and says which", async () => {
    const { history } = await json("list-history", "--tag", "base", "--build", "hello-1.1-1")
    const [tagged] = history
    const { stdout } = await run("list-tagged", "base", "--event", String(tagged.event))
    const [day, month, date, year, clock] = new Date(tagged.ts * 1000).toString().split(" ")
    const time = `${day} ${month} ${String(Number(date)).padStart(2)} ${clock} ${year}`
    expect(stdout[0]).toBe(`Querying at event ${tagged.event} (${time})`)
    expect(stdout.slice(3).map((line) => line.split(" ", 1)[0])).toEqual(["hello-1.0-1", "hello-1.1-1"])
    expect((await run("list-tagged", "base", "--event", "999")).stderr).toEqual([
      "distgraph: error: No such event: 999"
    ])
  })

  it("set-build-volume moves builds, in Koji's words where it has some", async () => {
    const noVolume = ["distgraph: error: No such volume: vol2"]
    expect(await run("set-build-volume", "vol2", "hello-1.0-1")).toEqual(failure(...noVolume))
    mkdirSync(join(topdir, "vol/vol2"), { recursive: true })
    await run("add-volume", "vol2")
    expect((await run("set-build-volume", "vol2")).stderr.at(-1)).toContain(
      "You must provide a volume and at least one build"
    )
    expect(await run("set-build-volume", "vol2", "nosuch-1-1", "hello-1.0-1")).toEqual(
      failure("distgraph: error: No such build: 'nosuch-1-1'")
    )
    expect(await run("set-build-volume", "vol2", "hello-1.0-1")).toEqual(quiet)
    expect(readlinkSync(join(topdir, "packages/hello/1.0/1"))).toBe("../../../vol/vol2/packages/hello/1.0/1")
    expect(await run("set-build-volume", "vol2", "hello-1.0-1")).toEqual(
      failure("Build hello-1.0-1 already on volume vol2", "distgraph: error: No builds to move")
    )
    expect(await run("set-build-volume", "-v", "DEFAULT", "hello-1.0-1")).toEqual({
      ...quiet,
      stdout: ["hello-1.0-1: vol2 -> DEFAULT"]
    })
  })

  it("list-history shows what was changed, in Koji's words", async () => {
    const words = (lines: ReadonlyArray<string>) =>
      lines.map((line) => line.replace(/^.{24} /, "").replace(/ by \S+/, ""))
    expect(words((await run("list-history", "--tag", "child", "--package", "libgreet")).stdout)).toEqual([
      "package owner ann set for libgreet in child [still active]",
      "package list entry created: libgreet in child [still active]"
    ])
    expect(words((await run("list-history", "--build", "hello-1.1-1")).stdout)).toEqual([
      "hello-1.1-1 tagged into base",
      "hello-1.1-1 untagged from base"
    ])
    expect(words((await run("list-history", "--tag", "child")).stdout)).toEqual(
      expect.arrayContaining([
        "new tag: child [still active]",
        "added tag option key for tag child",
        "tag option key for tag child altered",
        "tag option note removed for child",
        "inheritance line child->base added",
        "inheritance line child->base removed",
        "inheritance line child->base added [still active]",
        "package list entry for minish in child updated"
      ])
    )
    expect((await run("list-history", "--tag", "child", "--active", "-e")).stdout[0]).toMatch(
      /^\w{3} \w{3} [ \d]\d [\d:]{8} \d{4} \(eid 2\) new tag: child by \S+ \[still active\]$/
    )
    expect((await run("list-history")).code).toBe(2)
    expect(await run("list-history", "--build", "nosuch-1-1")).toEqual(
      failure("distgraph: error: No such build: 'nosuch-1-1'")
    )
  })
})
