import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { measure } from "./createrepo-c.ts"

describe("measure", () => {
  it("gives the command's output, time and peak memory", async () => {
    const script = "const b = Buffer.alloc(150e6, 1); setTimeout(() => console.log(process.env.WHAT, b.length), 100)"
    const cost = await Effect.runPromise(measure(process.execPath, ["-e", script], { WHAT: "bytes:" }))
    expect(cost.stdout).toBe("bytes: 150000000\n")
    expect(cost.wallSeconds).toBeGreaterThan(0.1)
    expect(cost.cpuSeconds).toBeGreaterThan(0)
    expect(cost.peakRssMiB).toBeGreaterThan(143)
  })

  it("fails with the exit code and what the command said", async () => {
    const failure = await Effect.runPromise(Effect.flip(measure("sh", ["-c", "echo no such repository >&2; exit 3"])))
    expect(failure.message).toMatch(/ended with exit code 3: sh -c .*\nno such repository\n$/s)
  })
})
