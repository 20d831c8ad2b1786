import { tmpdir } from "node:os"
import { dirname, join, relative } from "node:path"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { type ExportRig, exportRig, treeOf } from "../kit/export-rig.ts"

/** Every flush (of which path) and move (from, to) of this process, in order. */
const calls = await vi.hoisted(async () => {
  const { default: fs } = await import("node:fs")
  const { syncBuiltinESMExports } = await import("node:module")
  const { fsync, fsyncSync, renameSync, writeFileSync } = fs
  const calls: Array<ReadonlyArray<string>> = []
  const flushed = (handle: number) => calls.push(["flush", fs.readlinkSync(`/proc/self/fd/${handle}`)])
  vi.spyOn(fs, "fsync").mockImplementation((handle, done) => {
    // done only when it is back
    const path = fs.readlinkSync(`/proc/self/fd/${handle}`)
    fsync(handle, (cause) => {
      calls.push(["flush", path])
      done?.(cause)
    })
  })
  vi.spyOn(fs, "fsyncSync").mockImplementation((handle) => {
    flushed(handle)
    fsyncSync(handle)
  })
  vi.spyOn(fs, "writeFileSync").mockImplementation((file, data, options) => {
    writeFileSync(file, data, options)
    if (typeof options === "object" && options?.flush === true) calls.push(["flush", String(file)])
  })
  vi.spyOn(fs, "renameSync").mockImplementation((from, to) => {
    calls.push(["move", String(from), String(to)])
    renameSync(from, to)
  })
  syncBuiltinESMExports()
  return calls
})

let rig: ExportRig
beforeEach(async () => {
  rig = await exportRig({ in: tmpdir() })
})
afterEach(() => rig.close())

describe.skipIf(process.platform !== "linux")("what is published survives a loss of power", () => {
  /** Flushes and moves among the repos, by paths from their folder on. */
  const steps = () =>
    calls
      .map(([what = "", ...paths]) => [
        what,
        ...paths.map((path) => relative(join(rig.topdir, "repos-dist"), path) || ".")
      ])
      .filter(([, path]) => path !== undefined && !path.startsWith(".."))

  const moved = (to: string): number => steps().findIndex(([what, , at]) => what === "move" && at === to)

  /** What was flushed before something was moved. */
  const flushedBefore = (to: string) =>
    new Set(
      steps()
        .slice(0, moved(to))
        .flatMap(([what, path]) => (what === "flush" ? [path] : []))
    )

  it.each(["hardlink", "shared", "copy"] as const)(
    "as all that is in a repo is flushed before it gets its place, and its place before latest moves (%s)",
    async (layout) => {
      await rig.publish()
      calls.length = 0
      await rig.publish({ layout, force: true })
      const flushed = flushedBefore("demo/2")
      const made = treeOf(join(rig.tagDir(), "2")).filter(({ path, type }) => {
        // linked packages are the hub's, and a symbolic link is an entry of its folder
        return type === "directory" || (type === "file" && (layout === "copy" || !path.endsWith(".rpm")))
      })
      expect(made.length).toBeGreaterThan(10)
      expect(made.map(({ path }) => `demo/.2.tmp/${path}`).filter((path) => !flushed.has(path))).toEqual([])
      expect(flushed).toContain("demo/.2.tmp")
      expect(flushedBefore("demo/latest")).toContain("demo")
      expect(steps().at(-1)).toEqual(["flush", "demo"])
    }
  )

  it("as a shared directory of packages is flushed before it gets its place, and its place before a repo leads there", async () => {
    calls.length = 0
    await rig.publish({ layout: "shared" })
    const trees = steps().flatMap(([what, from = "", to = ""]) =>
      what === "move" && to.startsWith(".trees/") ? [{ from, to }] : []
    )
    expect(trees.length).toBeGreaterThan(10)
    for (const { from, to } of trees) {
      expect(dirname(from)).toBe(".trees")
      expect(flushedBefore(to)).toContain(from)
    }
    const afterTrees = steps().slice(Math.max(...trees.map(({ to }) => moved(to))), moved("demo/1"))
    expect(afterTrees).toContainEqual(["flush", ".trees"])
    // it was made, so it is an entry of the folder above
    expect(flushedBefore("demo/1")).toContain(".")
  })
})
