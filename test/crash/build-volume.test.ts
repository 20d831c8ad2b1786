import { execFileSync } from "node:child_process"
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { contentOf, type ExportRig, exportRig, readersView, treeOf } from "../kit/export-rig.ts"
import { distgraph } from "./cli.ts"

let rig: ExportRig
let volume: string
beforeEach(async () => {
  rig = await exportRig({ in: tmpdir(), builds: ["hello-1.0-1"] })
  volume = ""
})
afterEach(() => {
  rig.close()
  if (volume !== "") rmSync(volume, { recursive: true, force: true })
})

const preload = join(import.meta.dirname, "kill-at-step.ts")

/** Without the name of the file that is being copied. */
const kindOf = (step: string): string => step.replace(/([.]new[.]tmp)\/.*/, "$1/FILE")

describe("a build that is moved and killed before each single change", () => {
  it.each([
    ["on one file system", () => mkdtempSync(join(rig.folder, "volume-")), "vol2"],
    ["on one file system, back to the first volume", () => mkdtempSync(join(rig.folder, "volume-")), "DEFAULT"],
    [
      "to another file system, where there is one",
      () => mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "distgraph-kill-")),
      "vol2"
    ]
  ] as const)("is whole in one place or the other for whoever comes next (%s)", async (_, make, target) => {
    volume = make()
    mkdirSync(join(rig.topdir, "vol"))
    symlinkSync(volume, join(rig.topdir, "vol/vol2"))
    await rig.hub((hub) => hub.addVolume("vol2"))
    if (target === "DEFAULT") await rig.hub((hub) => hub.setBuildVolume("vol2", ["hello-1.0-1"]))
    await rig.publish()
    const place = join(rig.topdir, "packages/hello/1.0/1")
    const [files, view] = [contentOf(place), readersView(rig.tagDir(), 1)]
    const copy = (from: string, to: string) => {
      rmSync(to, { recursive: true, force: true })
      execFileSync("cp", ["-a", from, to])
    }
    copy(rig.topdir, join(rig.folder, "kept-topdir"))
    copy(volume, join(rig.folder, "kept-volume"))
    const command = ["set-build-volume", target, "hello-1.0-1"]
    const stepsFile = join(rig.folder, "steps")
    const counted = await distgraph(rig, command, { preload, env: { STEPS_FILE: stepsFile } }).finished
    expect(counted.code, counted.stderr).toBe(0)
    const steps = readFileSync(stepsFile, "utf8").trimEnd().split("\n")
    expect(steps).toContain("renameSync packages/hello/1.0/.1.new.tmp")

    const found = new Set<boolean>()
    for (const [index, step] of steps.entries()) {
      // flushing changes nothing that a kill would leave, and of the many files the first and the last stand for all
      const like = (other: string) => kindOf(other) === kindOf(step)
      if (step.startsWith("fsync") || ![steps.findIndex(like), steps.findLastIndex(like)].includes(index)) continue
      copy(join(rig.folder, "kept-topdir"), rig.topdir)
      execFileSync("find", [volume, "-mindepth", "1", "-delete"])
      execFileSync("cp", ["-a", `${join(rig.folder, "kept-volume")}/.`, volume])
      const killed = await distgraph(rig, command, { preload, env: { KILL_AT_STEP: String(index + 1) } }).finished
      expect(killed.signal, step).toBe("SIGKILL")
      // whoever opens the hub sets it right
      await rig.hub((hub) => hub.volumes)
      expect(contentOf(place), step).toEqual(files)
      const isOnVolume = lstatSync(place).isSymbolicLink()
      expect(existsSync(join(volume, "packages/hello/1.0/1")), step).toBe(isOnVolume)
      const leftovers = [rig.topdir, volume].flatMap((root) => treeOf(root)).filter(({ path }) => path.endsWith(".tmp"))
      expect(
        leftovers.map(({ path }) => path),
        step
      ).toEqual([])
      const isMoved = isOnVolume === (target === "vol2")
      found.add(isMoved)
      const again = await rig.hub((hub) => hub.setBuildVolume(target, ["hello-1.0-1"]))
      expect(again, step).toMatchObject([{ outcome: isMoved ? "already-there" : "moved" }])
      expect(contentOf(place), step).toEqual(files)
    }
    await rig.publish({ force: true })
    expect(readersView(rig.tagDir(), 2)).toEqual(view)
    expect([...found].sort()).toEqual([false, true])
  })
})
