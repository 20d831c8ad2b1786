import { type ChildProcess, spawn } from "node:child_process"
import { join } from "node:path"

export interface Finished {
  /** null where a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly process: ChildProcess
  /** When the command has read its options and begins: its first words on stderr. Also when it ends without any. */
  readonly begun: Promise<void>
  readonly finished: Promise<Finished>
}

export interface Place {
  readonly topdir: string
  readonly store: string
}

export interface CliOptions {
  /** A module that Node loads first. */
  readonly preload?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Starts the real command line in a process of its own. */
export const distgraph = ({ store, topdir }: Place, args: ReadonlyArray<string>, options: CliOptions = {}): Running => {
  const preload = options.preload === undefined ? [] : ["--import", options.preload]
  const main = join(import.meta.dirname, "../../src/cli/main.ts")
  const child = spawn(process.execPath, [...preload, main, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...options.env, DISTGRAPH_TOPDIR: topdir, DISTGRAPH_STORE: store }
  })
  let stdout = ""
  let stderr = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text
  })
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  const begun = new Promise<void>((resolve) => child.stderr.once("data", () => resolve()))
  return { process: child, begun: Promise.race([begun, finished.then(() => {})]), finished }
}

/** Runs it to its end; fails with what it said if it did not end well. */
export const distgraphDone = async (place: Place, args: ReadonlyArray<string>): Promise<Finished> => {
  const finished = await distgraph(place, args).finished
  if (finished.code !== 0) throw new Error(`distgraph ${args.join(" ")} ended with ${JSON.stringify(finished)}`)
  return finished
}
