import { Effect, Fiber } from "effect"
import { describe, expect, it } from "vitest"
import { during, inTurn, type PhaseEvent } from "../../src/export/phase.ts"
import { type ExportRig, exportRig } from "../kit/export-rig.ts"

const heard = () => {
  const events: Array<string> = []
  return { events, listen: ({ _tag, phase }: PhaseEvent) => void events.push(`${_tag} ${phase}`) }
}

describe("a phase", () => {
  it("is told of when it begins and ends, also where it fails or is interrupted", async () => {
    const { events, listen } = heard()
    await Effect.runPromise(during("snapshot", listen, Effect.void))
    await Effect.runPromise(Effect.flip(during("compare", listen, Effect.fail("no"))))
    const waiting = Effect.runFork(during("evaluate", listen, Effect.never))
    await Effect.runPromise(Effect.sleep("10 millis"))
    await Effect.runPromise(Fiber.interrupt(waiting))
    expect(events).toEqual(
      ["snapshot", "compare", "evaluate"].flatMap((phase) => [`Entered ${phase}`, `Left ${phase}`])
    )
  })

  it("ends where the next one begins", async () => {
    const { events, listen } = heard()
    const work = inTurn("wait", listen, (goOn) => Effect.sync(() => goOn("write")))
    await Effect.runPromise(Effect.zipRight(work, work))
    const once = ["Entered wait", "Left wait", "Entered write", "Left write"]
    expect(events).toEqual([...once, ...once])
  })
})

describe("an export", () => {
  it("tells its phases, each within another or after it", async () => {
    const rig: ExportRig = await exportRig()
    const told: Array<string> = []
    let depth = 0
    const onEvent = (event: { readonly _tag: string; readonly phase?: string }) => {
      if (event._tag === "Entered") told.push(`${"  ".repeat(depth++)}${event.phase}`)
      if (event._tag === "Left") depth -= 1
    }
    await rig.publish({}, { onEvent })
    expect(told).toEqual(["snapshot", "compare", "evaluate", "publish", "  wait", "  write", "  finish"])
    told.length = 0
    await rig.export({}, { onEvent })
    expect(told).toEqual(["snapshot", "compare"])
    expect(depth).toBe(0)
    rig.close()
  })
})
