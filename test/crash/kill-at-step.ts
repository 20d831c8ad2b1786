import fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"

/**
 * Loaded before the command line: numbers each call that changes the repos on disk, and ends the process as kill -9 does before
 * the call whose number is in KILL_AT_STEP. With STEPS_FILE it writes down what the calls were instead.
 */
const killAt = Number(process.env["KILL_AT_STEP"] ?? 0)
const stepsFile = process.env["STEPS_FILE"]
const { appendFileSync } = fs
let steps = 0

const reach = (step: string): void => {
  steps += 1
  if (stepsFile !== undefined) appendFileSync(stepsFile, `${step}\n`)
  if (steps === killAt) process.kill(process.pid, "SIGKILL")
}

/** The tree of repos, the metadata and delta rpms of a plain directory with its lock, and the builds. */
const published = /^.*?\/(repos-dist|\.?repodata|drpms|packages(?=\/(?!\.?repodata|drpms)))/

const watched =
  (name: string, call: (...args: ReadonlyArray<unknown>) => unknown) =>
  // only calls that name a place in the tree of repos count, and those on a descriptor, which may be of one
  (...args: ReadonlyArray<unknown>): unknown => {
    const [first, second] = args
    const of = name === "linkSync" || name === "symlinkSync" ? second : first
    if (typeof of === "number") reach(name)
    else if (typeof of === "string" && published.test(of)) {
      if (name !== "openSync" || second === "wx") reach(`${name} ${of.replace(published, "$1")}`)
    }
    return call(...args)
  }

for (const name of [
  "mkdirSync",
  "openSync",
  "writeSync",
  "fsync",
  "fsyncSync",
  "linkSync",
  "symlinkSync",
  "writeFileSync",
  "utimesSync",
  "rmdirSync",
  "renameSync",
  "rmSync"
] as const) {
  // each wrapper passes on the very arguments it gets
  Object.assign(fs, { [name]: watched(name, fs[name] as (...args: ReadonlyArray<unknown>) => unknown) })
}
syncBuiltinESMExports()
