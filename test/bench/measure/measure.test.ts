import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { inSequence, measure } from "./measure.ts"

describe("measure", () => {
  it("gives the command's output, time and peak memory", async () => {
    const script = "const b = Buffer.alloc(150e6, 1); setTimeout(() => console.log(process.env.WHAT, b.length), 100)"
    const cost = await Effect.runPromise(measure(process.execPath, ["-e", script], { WHAT: "bytes:" }))
    expect(cost.stdout).toBe("bytes: 150000000\n")
    expect(cost.wallSeconds).toBeGreaterThan(0.1)
    expect(cost.cpuSeconds).toBeGreaterThan(0)
    expect(cost.peakRssMiB).toBeGreaterThan(143)
  })

  it("counts the CPU time of all threads", async () => {
    const spin = "while (process.threadCpuUsage().user < 150_000);"
    const script = `const { Worker } = require("node:worker_threads"); new Worker(${JSON.stringify(spin)}, { eval: true }); ${spin}`
    const { cpuSeconds } = await Effect.runPromise(measure(process.execPath, ["-e", script]))
    expect(cpuSeconds).toBeGreaterThan(0.3)
  })

  it("fails with the exit code and what the command said", async () => {
    const failure = await Effect.runPromise(Effect.flip(measure("sh", ["-c", "echo no such repository >&2; exit 3"])))
    expect(failure.message).toMatch(/ended with exit code 3: sh -c .*\nno such repository\n$/s)
  })

  it("adds up commands that ran one after the other, but for their memory", () => {
    const cost = (seconds: number, peakRssMiB: number) => ({
      wallSeconds: seconds,
      cpuSeconds: seconds * 2,
      peakRssMiB,
      stdout: ""
    })
    expect(inSequence([cost(1, 50), cost(2, 40)])).toEqual(cost(3, 50))
  })
})
