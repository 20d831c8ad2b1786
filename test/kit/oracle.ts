import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { describe } from "vitest"

/** The folder of real packages and recordings that lies beside the project on the maintainers' machines, never in it. */
export const sharedPath = (...segments: ReadonlyArray<string>): string =>
  join(import.meta.dirname, "../../../shared", ...segments)

/** True where an executable of this name is on PATH. */
export const hasTool = (name: string): boolean => {
  try {
    execFileSync("sh", ["-c", 'command -v "$0"', name], { stdio: "ignore" })
    return true
  } catch {
    return false
  }
}

/**
 * `describe`, if every tool is there. Where one is missing the tests are skipped and counted; with
 * DISTGRAPH_REQUIRE_ORACLES (CI sets it) they run all the same, and fail.
 */
export const describeWithTools = (...tools: ReadonlyArray<string>): typeof describe | typeof describe.skip =>
  process.env["DISTGRAPH_REQUIRE_ORACLES"] !== undefined || tools.every(hasTool) ? describe : describe.skip

/** The same for a plugin of dnf, by the name of its command. */
export const describeWithDnfPlugin = (command: string): typeof describe | typeof describe.skip => {
  if (process.env["DISTGRAPH_REQUIRE_ORACLES"] !== undefined) return describe
  try {
    execFileSync("sh", ["-c", 'exec dnf --releasever=1 "$0" --help', command], { stdio: "ignore" })
    return describe
  } catch {
    return describe.skip
  }
}

/** `describe`, if this part of the shared material is there; else its tests are skipped and counted. */
export const describeWithShared = (...segments: ReadonlyArray<string>): typeof describe | typeof describe.skip =>
  existsSync(sharedPath(...segments)) ? describe : describe.skip
