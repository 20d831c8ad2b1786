import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { findPackages, type PackageSelection } from "../../src/source/find-packages.ts"
import { runTool } from "../kit/clients.ts"

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "distgraph-find-"))
})
afterEach(() => rmSync(directory, { recursive: true }))

const write = (path: string, text = ""): void => {
  mkdirSync(join(directory, path, ".."), { recursive: true })
  writeFileSync(join(directory, path), text)
}
const find = (over: Partial<PackageSelection> = {}) =>
  findPackages({ directory, excludes: [], skipSymlinks: false, list: null, ...over })
const paths = (over: Partial<PackageSelection> = {}) =>
  find(over)
    .packages.map(({ path }) => path)
    .sort()

describe("the packages of a directory", () => {
  it("are the regular files whose names end in .rpm, at any depth, through links", () => {
    for (const path of ["a.rpm", "sub/b.rpm", ".h/.c.rpm", "d.rpm/e.rpm", "f.RPM", "g.drpm", "h.txt"]) write(path)
    symlinkSync("a.rpm", join(directory, "link.rpm"))
    symlinkSync("sub", join(directory, "linked"))
    symlinkSync("nowhere", join(directory, "dangling.rpm"))
    expect(paths()).toEqual([".h/.c.rpm", "a.rpm", "d.rpm/e.rpm", "link.rpm", "linked/b.rpm", "sub/b.rpm"])
    expect(paths({ skipSymlinks: true })).toEqual([".h/.c.rpm", "a.rpm", "d.rpm/e.rpm", "linked/b.rpm", "sub/b.rpm"])
    expect(find().problems).toEqual([])
  })

  it("come with their sizes and times, to the nanosecond", () => {
    write("a.rpm", "12345")
    utimesSync(join(directory, "a.rpm"), 1_600_000_000.25, 1_600_000_000.25)
    const [found] = find().packages
    expect([found?.stat.size, found?.stat.mtime]).toEqual([5, 1_600_000_000_250_000_000n])
  })

  it("are without those that a glob excludes, by name or by path, and without excluded folders", () => {
    for (const path of ["a.rpm", "sub/a.rpm", "sub/b.rpm", "deep/sub/c.rpm"]) write(path)
    expect(paths({ excludes: ["a.rpm"] })).toEqual(["deep/sub/c.rpm", "sub/b.rpm"])
    expect(paths({ excludes: ["sub/a.rpm"] })).toEqual(["a.rpm", "deep/sub/c.rpm", "sub/b.rpm"])
    expect(paths({ excludes: ["sub"] })).toEqual(["a.rpm"])
    expect(paths({ excludes: ["deep", "b*"] })).toEqual(["a.rpm", "sub/a.rpm"])
  })

  it("of a list are just those listed, each once, whatever their names", () => {
    for (const path of ["a.rpm", "b.txt", "c.rpm"]) write(path)
    mkdirSync(join(directory, "sub"))
    const list = ["b.txt", "a.rpm", "./a.rpm", "a.rpm", "gone.rpm", "sub"]
    expect(paths({ list })).toEqual(["./a.rpm", "a.rpm", "b.txt"])
    expect(find({ list }).problems).toEqual([
      { path: "gone.rpm", reason: "no such file or directory" },
      { path: "sub", reason: "it is no regular file" }
    ])
    expect(paths({ list, excludes: ["./*"] })).toEqual(["a.rpm", "b.txt"])
  })

  it("do not hang on a pipe", async () => {
    await runTool("mkfifo", [join(directory, "pipe.rpm")])
    expect(find()).toMatchObject({ packages: [], problems: [] })
    expect(find({ list: ["pipe.rpm"] }).problems).toEqual([{ path: "pipe.rpm", reason: "it is no regular file" }])
  })

  it.skipIf(process.getuid?.() === 0)("name a folder that cannot be read", () => {
    write("locked/a.rpm")
    chmodSync(join(directory, "locked"), 0)
    expect(find().problems).toEqual([{ path: "locked/", reason: "permission denied" }])
    chmodSync(join(directory, "locked"), 0o700)
  })

  it("name what has a control character in its path, folders too", () => {
    write("t\tab/a.rpm")
    write("esc\u001b.rpm")
    expect(find().packages).toEqual([])
    expect(
      find()
        .problems.map(({ path }) => path)
        .sort()
    ).toEqual(["esc\u001b.rpm", "t\tab"])
  })

  it("stop at a link that leads back, and name it; two links to one folder are both followed", () => {
    write("sub/a.rpm")
    symlinkSync("..", join(directory, "sub/up"))
    symlinkSync("sub", join(directory, "one"))
    expect(paths()).toEqual(["one/a.rpm", "sub/a.rpm"])
    expect([...find().loops].sort()).toEqual(["one/up/", "sub/up/"])
  })

  it("tell module metadata apart", () => {
    for (const path of ["modules.yaml", "x.modulemd.yaml", "y.modulemd-defaults.yaml", "z.yaml"]) write(path)
    expect([...find().modules].sort()).toEqual(["modules.yaml", "x.modulemd.yaml", "y.modulemd-defaults.yaml"])
    expect(find({ list: ["modules.yaml"] }).modules).toEqual(["modules.yaml"])
  })
})
