import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { runNode, spawnNode } from "../run-cli.ts"

const program = join(import.meta.dirname, "execute-fixture.ts")
const run = (...args: ReadonlyArray<string>) => runNode([program, ...args])

/** Starts a command, and sends the signals one by one when it has said that it waits. */
const runAndSignal = (name: string, ...signals: ReadonlyArray<NodeJS.Signals>) =>
  new Promise<{ readonly code: number | null; readonly stderr: string }>((resolve) => {
    const child = spawnNode([program, name])
    let stderr = ""
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text
      if (text.startsWith("waiting"))
        for (const [index, signal] of signals.entries()) setTimeout(() => child.kill(signal), index * 200)
    })
    child.on("close", (code) => {
      resolve({ code, stderr })
    })
  })

describe("a command that is interrupted", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129]
  ] as const)("by %s cleans up and ends with exit code %i", async (signal, code) => {
    expect(await runAndSignal("waiting", signal)).toEqual({
      code,
      stderr: "waiting\ncleaned up\ndistgraph: interrupted\n"
    })
  })

  it("twice ends at once", async () => {
    expect(await runAndSignal("stuck", "SIGINT", "SIGINT")).toEqual({ code: 130, stderr: "waiting\n" })
  })
})

describe("a command that runs until a signal comes", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("ends well by %s", async (signal) => {
    expect(await runAndSignal("endless", signal)).toEqual({ code: 0, stderr: "waiting\ncleaned up\n" })
  })
})

describe("a command that breaks", () => {
  it("is called a bug, with the stack, and ends with exit code 1", async () => {
    const { code, stdout, stderr } = await run("broken")
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
    expect(stderr).toMatch(
      /^distgraph: this is a bug in distgraph, please report it with these lines:\nTypeError: undefined is not a package\n +at /
    )
  })

  it("is a defect in the JSON", async () => {
    expect(JSON.parse((await run("broken", "--json")).stdout)).toMatchObject({ error: { _tag: "Defect" } })
  })

  it("while it is loaded is a bug too", async () => {
    const { code, stderr } = await run("unloadable")
    expect(code).toBe(1)
    expect(stderr).toMatch(/this is a bug in distgraph.*no such module/s)
  })
})

describe("what a command says", () => {
  it("goes to stderr while it runs, and its report to stdout", async () => {
    expect(await run("logging")).toEqual({ code: 0, stdout: "done\n", stderr: "distgraph: info: read 3 packages\n" })
  })

  it("is silenced by --quiet, but not the report", async () => {
    expect(await run("logging", "--quiet")).toEqual({ code: 0, stdout: "done\n", stderr: "" })
  })

  it("is one JSON document on stdout with --json", async () => {
    expect(JSON.parse((await run("logging", "--json")).stdout)).toEqual({ done: true })
  })

  it("may be longer than its reader wants", async () => {
    const child = spawnNode([program, "long"])
    let stderr = ""
    child.stderr.on("data", (text) => (stderr += text))
    child.stdout.once("data", () => child.stdout.destroy())
    const code = await new Promise((resolve) => child.on("close", resolve))
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
  })
})
