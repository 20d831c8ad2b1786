import { execFileSync } from "node:child_process"
import { existsSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { contentOf, type ExportRig, exportRig, readersView } from "../kit/export-rig.ts"
import { distgraph, distgraphDone } from "./cli.ts"
import { expectNothingLeftOver, expectWholeRepos } from "./whole-repos.ts"

let rig: ExportRig
beforeEach(async () => {
  rig = await exportRig({ in: tmpdir(), builds: ["hello-1.0-1"] })
  await rig.hub((hub) => hub.editTag("demo", { arches: "x86_64" }))
})
afterEach(() => rig.close())

const preload = join(import.meta.dirname, "kill-at-step.ts")

/** What the changes of a command to the repos on disk are. */
const stepsOf = async (command: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const stepsFile = join(rig.folder, "steps")
  const counted = await distgraph(rig, command, { preload, env: { STEPS_FILE: stepsFile } }).finished
  expect(counted.code, counted.stderr).toBe(0)
  const steps = readFileSync(stepsFile, "utf8").trimEnd().split("\n")
  rmSync(stepsFile)
  return steps
}

/** Keeps the topdir as it is now. Gives what puts it back. */
const keptTopdir = (): (() => void) => {
  const kept = join(rig.folder, "kept")
  const copy = (from: string, to: string) => {
    rmSync(to, { recursive: true, force: true })
    // with hard links and times, which node's own copying does not keep
    execFileSync("cp", ["-a", from, to])
  }
  copy(rig.topdir, kept)
  return () => copy(kept, rig.topdir)
}

const now = ["expire-repos", "--keep", "0", "--lifetime", "0", "--expired-lifetime", "0"]

describe("a removal that is killed before each single change that it makes to the repos", () => {
  it.each([
    ["of a retention run", "hardlink", now],
    ["of a retention run over shared directories", "shared", now],
    ["by hand, of what latest leads to", "shared", ["delete-repo", "1", "3"]]
  ] as const)("%s leaves each repo whole or on its way, and the next run finishes it", async (_, layout, command) => {
    await rig.publish({ layout })
    await rig.hub((hub) => hub.tagBuild("demo", ["clockwork-3.2-4"]))
    await rig.publish({ layout })
    await rig.hub((hub) => hub.untagBuild("demo", ["clockwork-3.2-4"]))
    await rig.hub((hub) => hub.tagBuild("demo", ["minish-5-2"]))
    await rig.publish({ layout })
    const views = new Map([1, 2, 3].map((id) => [id, readersView(rig.tagDir(), id)]))
    // retention takes 1, which has expired long since, and makes 2 expire
    if (command === now) await rig.hub((hub) => hub.setRepoState(1, "EXPIRED"))
    const restore = keptTopdir()
    const packages = contentOf(join(rig.topdir, "packages"))
    const steps = await stepsOf(command)
    expect(steps).toContain("renameSync repos-dist/demo/1")
    const finished = { states: await rig.repoStates(), content: contentOf(join(rig.topdir, "repos-dist")) }
    expect(finished.states.filter((state) => state.endsWith("DELETED")).length).toBeGreaterThan(0)

    for (const [index, step] of steps.entries()) {
      restore()
      const killed = await distgraph(rig, command, { preload, env: { KILL_AT_STEP: String(index + 1) } }).finished
      expect(killed.signal, step).toBe("SIGKILL")
      if (command === now) await expectWholeRepos(rig)
      for (const { id, state } of await rig.hub((hub) => hub.repos("demo"))) {
        const isThere = existsSync(join(rig.tagDir(), String(id)))
        // nothing is ever half there
        if (isThere) expect(readersView(rig.tagDir(), id), `${step}: repo ${id}, ${state}`).toEqual(views.get(id))
        if (state === "DELETED") expect(isThere, `${step}: repo ${id}`).toBe(false)
      }
      await distgraphDone(rig, command)
      if (command === now) await expectNothingOf(finished, step)
      else {
        await distgraphDone(rig, now)
        await expectWholeRepos(rig)
      }
      expect(contentOf(join(rig.topdir, "packages")), step).toEqual(packages)
    }
    await rig.export({ layout })
    await expectWholeRepos(rig)
  })

  const expectNothingOf = async (
    { content, states }: { readonly content: unknown; readonly states: ReadonlyArray<string> },
    step: string
  ) => {
    const deleted = (list: ReadonlyArray<string>) => list.filter((state) => state.endsWith("DELETED"))
    // a run that was killed after it had made a repo expire lets the next one remove it
    expect(deleted(await rig.repoStates()), step).toEqual(expect.arrayContaining(deleted(states)))
    expect(Object.keys(contentOf(join(rig.topdir, "repos-dist"))).filter((path) => path.includes(".tmp"))).toEqual([])
    if ((await rig.repoStates()).join() === states.join()) {
      expect(contentOf(join(rig.topdir, "repos-dist")), step).toEqual(content)
    } else await expectNothingLeftOver(rig)
  }
})
