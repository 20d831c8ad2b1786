import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Data, Effect } from "effect"

/** What one run of a command cost. CPU time is user and system time of the command and the processes it waited for. */
export interface Measurement {
  readonly wallSeconds: number
  readonly cpuSeconds: number
  /** The command's own peak resident set; NaN where there is no /proc, or the command was over at once. */
  readonly peakRssMiB: number
  readonly stdout: string
}

/** The cost of commands that ran one after the other. */
export const inSequence = (costs: ReadonlyArray<Measurement>): Measurement => ({
  wallSeconds: costs.reduce((sum, cost) => sum + cost.wallSeconds, 0),
  cpuSeconds: costs.reduce((sum, cost) => sum + cost.cpuSeconds, 0),
  peakRssMiB: Math.max(...costs.map((cost) => cost.peakRssMiB)),
  stdout: costs.map((cost) => cost.stdout).join("")
})

export class CommandFailed extends Data.TaggedError("CommandFailed")<{
  readonly command: ReadonlyArray<string>
  readonly outcome: string
  readonly stderr: string
}> {
  override get message(): string {
    const line = this.command.join(" ")
    const shown = line.length > 300 ? `${line.slice(0, 300)}…` : line
    return `The measured command ended with ${this.outcome}: ${shown}\n${this.stderr.slice(-4000)}`
  }
}

/**
 * Runs a command and measures it, by means that every Linux has: the monotonic clock (starting the shell included, some 3 ms), bash's
 * `times` for CPU time (in milliseconds, of all threads), the kernel's high-water mark (VmHWM), read every few milliseconds, for memory.
 */
export const measure = (
  command: string,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {}
): Effect.Effect<Measurement, CommandFailed> =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "distgraph-measure-"))),
    (folder) => run(join(folder, "pid"), join(folder, "times"), [command, ...args], env),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  )

const pollMilliseconds = 4

/** $1: where the command's process id goes, $2: where the times go; the rest is the command. */
const script = 'pid=$1; times=$2; shift 2; "$@" & echo $! >"$pid"; wait $!; code=$?; times >"$times"; exit $code'

const run = (
  pidFile: string,
  timesFile: string,
  command: ReadonlyArray<string>,
  env: Readonly<Record<string, string>>
): Effect.Effect<Measurement, CommandFailed> =>
  Effect.async<Measurement, CommandFailed>((resume) => {
    const start = performance.now()
    const child = spawn("bash", ["-c", script, "bash", pidFile, timesFile, ...command], {
      env: { ...process.env, ...env },
      detached: true
    })
    let stdout = ""
    let stderr = ""
    let peakKiB = Number.NaN
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text
    })
    const poll = setInterval(() => {
      const now = highWaterKiB(pidFile)
      if (!Number.isNaN(now)) peakKiB = now
    }, pollMilliseconds)
    const fail = (outcome: string) => resume(Effect.fail(new CommandFailed({ command, outcome, stderr })))
    child.on("error", (error) => {
      clearInterval(poll)
      fail(error.message)
    })
    child.on("close", (code, signal) => {
      const wallSeconds = (performance.now() - start) / 1000
      clearInterval(poll)
      if (code !== 0) fail(signal ?? `exit code ${code}`)
      else
        resume(Effect.succeed({ wallSeconds, cpuSeconds: childSeconds(timesFile), peakRssMiB: peakKiB / 1024, stdout }))
    })
    return Effect.sync(() => {
      clearInterval(poll)
      if (child.pid !== undefined) process.kill(-child.pid) // the whole group: the shell and its command
    })
  })

const highWaterKiB = (pidFile: string): number => {
  try {
    const pid = readFileSync(pidFile, "utf8").trim()
    const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))
    return Number(found?.[1])
  } catch {
    return Number.NaN // not started yet, or already gone
  }
}

/** The second line of `times`: user and system time of the shell's children, each like `1m2.340s`. */
const childSeconds = (timesFile: string): number => {
  const line = readFileSync(timesFile, "utf8").split("\n")[1] ?? ""
  return [...line.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, match) => sum + Number(match[1]) * 60 + Number(match[2]),
    0
  )
}
