import { spawn } from "node:child_process"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { distgraph } from "../../src/cli/distgraph.ts"

export interface CliResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command line program inside this process: the same but for the process's own things, and much faster. */
export const runHere = async (args: ReadonlyArray<string>, env: NodeJS.ProcessEnv): Promise<CliResult> => {
  let stdout = ""
  let stderr = ""
  const code = await distgraph(args, {
    env,
    cwd: "/",
    stdout: (text) => (stdout += text),
    stderr: (text) => (stderr += text),
    columns: null,
    width: 160
  })
  return { code, stdout, stderr }
}

/** One folder for the compiled code of all runs, outside the user's own cache. */
const cache = mkdtempSync(join(tmpdir(), "distgraph-cache-"))

/** Runs the real command line program in an environment of its own: no DISTGRAPH_*, UTC, nothing of npm's. */
export const runCli = (
  args: ReadonlyArray<string>,
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string; readonly entry?: string } = {}
): Promise<CliResult> =>
  runNode([join(import.meta.dirname, "../../src/cli", options.entry ?? "main.ts"), ...args], options)

export const runNode = (
  args: ReadonlyArray<string>,
  { env = {}, cwd }: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {}
): Promise<CliResult> =>
  new Promise((resolve, reject) => {
    const child = spawnNode(args, { env, ...(cwd === undefined ? {} : { cwd }) })
    let stdout = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text))
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, stdout, stderr }))
  })

export const spawnNode = (
  args: ReadonlyArray<string>,
  { env = {}, cwd }: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {}
) =>
  spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], TZ: "UTC", XDG_CACHE_HOME: cache, ...env },
    ...(cwd === undefined ? {} : { cwd })
  })
