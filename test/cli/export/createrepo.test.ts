import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { createrepoRig, repodataOf } from "../../kit/createrepo-rig.ts"
import { runCli, runHere } from "../run-cli.ts"

let rig: ReturnType<typeof createrepoRig>
beforeEach(() => {
  rig = createrepoRig()
  rig.place("hello.rpm", "hello-1.0-1.x86_64.rpm")
})
afterEach(() => rig.close())

const run = (...args: ReadonlyArray<string>) =>
  runHere(["createrepo", rig.directory, ...args], { DISTGRAPH_STORE: join(rig.folder, "store") })
const names = () => [...repodataOf(rig.directory).keys()].map((name) => name.replace(/^[0-9a-f]{32,}-/, "")).sort()
const repomd = () => readFileSync(join(rig.directory, "repodata/repomd.xml"), "utf8")

describe("createrepo", () => {
  it("says where it wrote what, and that nothing changed, without a hub", async () => {
    const repodata = join(rig.directory, "repodata")
    expect(await run()).toEqual({
      code: 0,
      stdout: `${repodata} of ${rig.directory} is written (1 package)\n`,
      stderr: `Creating the repository of ${rig.directory}\n`
    })
    expect(names()).toEqual(["filelists.xml.zst", "other.xml.zst", "primary.xml.zst", "repomd.xml"])
    expect(await run("--update", "--skip-stat", "--quiet")).toEqual({
      code: 0,
      stdout: `${repodata} is unchanged (1 package)\n`,
      stderr: ""
    })
  })

  it("tells programs the same as JSON", async () => {
    const { code, stdout } = await run("--json", "-q")
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      { status: "published", repodata: join(rig.directory, "repodata"), packages: 1, leftOut: [], filesRead: 1 }
    ])
  })

  it("ends with 2 where packages were left out, and names them", async () => {
    writeFileSync(join(rig.directory, "bad.rpm"), "bad")
    const { code, stderr, stdout } = await run()
    expect(code).toBe(2)
    expect(stdout).toContain("is written (1 package, 1 left out)")
    expect(stderr).toMatch(/^distgraph: warning: bad.rpm is left out: .+$/m)
    expect(JSON.parse((await run("--json")).stdout)).toMatchObject({
      status: "unchanged",
      leftOut: [{ path: "bad.rpm" }]
    })
  })

  it("with --compatibility writes what old clients read", async () => {
    writeFileSync(join(rig.directory, "comps.xml"), "<comps/>")
    expect((await run("-g", "comps.xml", "--compatibility")).code).toBe(0)
    expect(names()).toEqual([
      "comps.xml",
      "comps.xml.gz",
      "filelists.xml.gz",
      "other.xml.gz",
      "primary.xml.gz",
      "repomd.xml"
    ])
    expect(repomd()).toMatch(/<data type="group">.*<data type="group_gz">/s)
  })

  it("compresses the group file otherwise where asked, and leaves checksums of open files out", async () => {
    writeFileSync(join(rig.directory, "comps.xml"), "<comps/>")
    await run("-g", "comps.xml", "--compress-type", "gz", "--no-open-checksum", "--simple-md-filenames")
    expect(names()).toEqual(["comps.xml.gz", "filelists.xml.zst", "other.xml.zst", "primary.xml.zst", "repomd.xml"])
    expect(repomd().match(/<open-checksum/g)).toHaveLength(1)
  })

  it("makes databases of the metadata where asked, compressed as the rest", async () => {
    const databases = ["filelists.sqlite.zst", "other.sqlite.zst", "primary.sqlite.zst"]
    expect((await run("-d", "--simple-md-filenames")).code).toBe(0)
    expect(names().filter((name) => name.includes("sqlite"))).toEqual(databases)
    expect(repomd().match(/<data type="\w+_db">/g)).toHaveLength(3)
    expect(repomd().match(/<database_version>10</g)).toHaveLength(3)
    await run("--database", "--no-database", "--simple-md-filenames")
    expect(names().filter((name) => name.includes("sqlite"))).toEqual([])
  })

  it("splits tags of distributions at their first comma", async () => {
    await run(
      "--distro",
      "cpe:/o:x,A, B",
      "--distro",
      ",C",
      "--distro",
      "D",
      "--distro",
      "E,",
      "--repo",
      "r",
      "--content",
      "c"
    )
    expect(repomd()).toContain(
      '<tags>\n    <content>c</content>\n    <repo>r</repo>\n    <distro cpeid="cpe:/o:x">A, B</distro>\n    <distro>C</distro>\n    <distro>D</distro>\n  </tags>'
    )
  })

  it("with --zck writes zchunk files too, with the dictionaries that are there", async () => {
    writeFileSync(join(rig.directory, "comps.xml"), "<comps/>")
    const dictionaries = join(rig.folder, "dictionaries")
    mkdirSync(dictionaries)
    for (const name of ["primary", "filelists", "other"]) writeFileSync(join(dictionaries, `${name}.xml.zdict`), "text")
    const { code, stderr } = await run("-q", "-g", "comps.xml", "--zck", "--zck-dict-dir", dictionaries)
    const missing = join(dictionaries, "comps.xml.zdict")
    expect([code, stderr]).toEqual([
      0,
      `distgraph: warning: ${missing} is missing: comps.xml.zck is made without a dictionary\n`
    ])
    expect(names().filter((name) => name.endsWith(".zck"))).toEqual([
      "comps.xml.zck",
      "filelists.xml.zck",
      "other.xml.zck",
      "primary.xml.zck"
    ])
    expect(repomd()).toMatch(/<data type="primary_zck">.*<header-checksum type="sha256">.*<header-size>/s)
    expect((await run("-q", "-g", "comps.xml", "--zck")).stdout).toContain("is written")
    expect((await run("-q", "-g", "comps.xml")).stdout).toContain("is written")
    expect(repomd()).not.toContain("_zck")
  })

  it("fails with 1 where the dictionaries' folder is not there, before it reads anything", async () => {
    const { code, stderr } = await run("--zck", "--zck-dict-dir", "/nowhere")
    expect([code, stderr]).toEqual([1, expect.stringContaining("zchunk dir path doesn't exist: /nowhere\n")])
    expect(existsSync(join(rig.directory, "repodata"))).toBe(false)
  })

  it("writes below another directory", async () => {
    const output = join(rig.folder, "output")
    mkdirSync(output)
    expect((await run("-o", output)).code).toBe(0)
    expect([existsSync(join(output, "repodata/repomd.xml")), existsSync(join(rig.directory, "repodata"))]).toEqual([
      true,
      false
    ])
  })

  it.each([
    [["--zck-dict-dir", "/"], "Cannot use --zck-dict-dir without setting --zck"],
    [["--deltas"], "--deltas needs --oldpackagedirs"],
    [["--oldpackagedirs", "x"], "mean nothing without --deltas"],
    [["--num-deltas", "2"], "mean nothing without --deltas"],
    [["--deltas", "--oldpackagedirs", "x", "--num-deltas", "0"], "--num-deltas must be at least 1"],
    [["--deltas", "--oldpackagedirs", "x", "--max-delta-rpm-size", "-1"], "at least 0"],
    [["--split"], "several media"],
    [["--filelists-ext"], "--filelists-ext"],
    [["--duplicated-nevra", "keep-last"], "only keep"],
    [["--xz"], "gz or zstd"],
    [["--general-compress-type", "bz2"], "gz or zstd"],
    [["--compress-type", "zck"], "gz or zstd"],
    [["--recycle-pkglist"], "--pkglist"],
    [["--read-pkgs-list", "x"], "--json counts"],
    [["--no-pretty"], "always indented"],
    [["--checksum", "crc32"], "invalid choice"],
    [["--cut-dirs", "-1"], "at least 0"],
    [["--workers", "0"], "at least 1"],
    [["--changelog-limit", "-2"], "at least -1"],
    [["--retain-old-md", "-2"], "at least -1"],
    [["--retain-old-md", "1", "--retain-old-md-by-age", "1m"], "cannot be combined"],
    [["--retain-old-md-by-age", "1x"], "not an age"],
    [["--set-timestamp-to-revision"], "needs a --revision"],
    [["--revision", "-5", "--set-timestamp-to-revision"], "needs a --revision"],
    [["--location-prefix", "a\nb"], "control character"],
    [["--skip-stat", "--no-skip-stat"], "exclude each other"]
  ])("refuses %j before it does anything", async (args, reason) => {
    const { code, stderr } = await run(...args)
    expect([code, stderr]).toEqual([2, expect.stringContaining(reason)])
    expect(existsSync(join(rig.directory, "repodata"))).toBe(false)
  })

  it("names all that it refuses at once", async () => {
    const { stderr } = await run("--filelists-ext", "--xz")
    expect(stderr).toMatch(/--filelists-ext: .+\n--xz: /)
  })

  it("fails with 1 where the directory is not there", async () => {
    const { code, stderr } = await runHere(["createrepo", "/nowhere"], { DISTGRAPH_STORE: join(rig.folder, "store") })
    expect([code, stderr]).toEqual([1, "distgraph: error: /nowhere is not a directory\n"])
  })

  it("as a process of its own reads many files in worker threads, relative to where it stands", async () => {
    for (let index = 0; index < 80; index += 1) rig.place(`many/${index}.rpm`, "demo-release-42-1.noarch.rpm")
    const { code, stdout } = await runCli(["createrepo", "packages", "--store", "store", "--workers", "2", "-q"], {
      cwd: rig.folder
    })
    expect([code, stdout]).toEqual([0, `${join(rig.directory, "repodata")} of packages is written (81 packages)\n`])
  })
})
