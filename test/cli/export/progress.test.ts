import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { progress } from "../../../src/cli/export/progress.ts"

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }))
afterEach(() => void vi.useRealTimers())

const shown = (columns: number | null) => {
  const written: Array<string> = []
  return { written, progress: progress("Creating", { columns, write: (text) => void written.push(text) }) }
}

const started = (label: string) => ({ _tag: "Started", kind: "action", rule: "compress-group", label }) as const
const finished = { _tag: "Finished", kind: "action", rule: "compress-group", label: "", ownMs: 1 } as const

describe("the progress of a run", () => {
  it("says nothing before there is something to do", () => {
    const { progress, written } = shown(80)
    progress.onEvent({ _tag: "Hits", rule: "package-metadata", labels: Array.from({ length: 12 }, String) })
    progress.onEvent({ _tag: "Started", kind: "plan", rule: "tree", label: "" })
    progress.end()
    expect(written).toEqual([])
  })

  it("is one line on a terminal, drawn over and wiped in the end, no wider than it", () => {
    const { progress, written } = shown(40)
    progress.onEvent({ _tag: "Hits", rule: "package-metadata", labels: Array.from({ length: 12 }, String) })
    progress.onEvent(started("primary bash"))
    vi.advanceTimersByTime(150)
    progress.onEvent(finished)
    progress.onEvent(finished)
    progress.end()
    expect(written).toEqual(["Creating\n", "\r\u001b[K1 ran, 0 running, 12 reused  compress-g", "\r\u001b[K"])
  })

  it("is a plain line every ten seconds in a log", () => {
    const { progress, written } = shown(null)
    progress.onEvent(started("primary bash"))
    for (let second = 0; second < 25; second += 1) {
      progress.onEvent({ _tag: "Hits", rule: "package-metadata", labels: ["bash"] })
      vi.advanceTimersByTime(1000)
    }
    progress.end()
    expect(written).toEqual([
      "Creating\n",
      "0 ran, 1 running, 11 reused  compress-group primary bash\n",
      "0 ran, 1 running, 21 reused  compress-group primary bash\n"
    ])
  })

  it("goes on while packages are put in their places", () => {
    const { progress, written } = shown(80)
    progress.onEvent({ _tag: "Placed", packages: 1 })
    vi.advanceTimersByTime(150)
    progress.onEvent({ _tag: "Placed", packages: 700 })
    expect(written.at(-1)).toBe("\r\u001b[K0 ran, 0 running, 0 reused  700 packages placed")
  })
})
