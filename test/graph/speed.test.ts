import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Layer, Schema } from "effect"
import { expect, it } from "vitest"
import {
  accident,
  action,
  ExternalFiles,
  evaluate,
  externalFiles,
  layerDirectory,
  needAll,
  plan
} from "../../graph/index.ts"

/** DISTGRAPH_SPEED_NODES=100000 measures in earnest and prints; by default it only notices when a node costs ten times too much. */
const nodes = Number(process.env["DISTGRAPH_SPEED_NODES"] ?? 20_000)

const Number_ = Schema.Struct({ id: Schema.Int })
const Double = action("double", {
  version: 1,
  input: Number_,
  output: Number_,
  label: ({ id }) => String(id),
  run: ({ id }) => Effect.succeed({ id: id * 2 })
})
const Block = plan("block", {
  version: 1,
  needs: [Double],
  input: Schema.Struct({ from: Schema.Int, pass: Schema.String }),
  output: Number_,
  label: ({ from }) => String(from),
  run: ({ from }) => {
    const inputs = Array.from({ length: 1000 }, (_, i) => ({ id: from + i }))
    return Effect.map(needAll(Double, inputs), (all) => ({ id: all.length }))
  }
})
const Whole = plan("whole", {
  version: 1,
  needs: [Block],
  input: Schema.Struct({ blocks: Schema.Int, pass: Schema.String }),
  output: Number_,
  label: () => "",
  run: ({ blocks, pass }) => {
    const inputs = Array.from({ length: blocks }, (_, i) => ({ from: i * 1000, pass }))
    return Effect.map(needAll(Block, inputs), (all) => ({ id: all.length }))
  }
})

it("evaluates trivial nodes at some microseconds each, cold, with every action a hit, and as a whole", async () => {
  const directory = mkdtempSync(join(tmpdir(), "distgraph-speed-"))
  const layer = Layer.merge(
    layerDirectory(directory),
    Layer.succeed(
      ExternalFiles,
      externalFiles(() => accident("no files"))
    )
  )
  const measure = async (name: string, pass: string) => {
    const started = performance.now()
    const input = { blocks: nodes / 1000, pass }
    await Effect.runPromise(evaluate(Whole, input, { label: "whole", cpu: 2 }).pipe(Effect.provide(layer)))
    const microseconds = ((performance.now() - started) * 1000) / nodes
    if (process.env["DISTGRAPH_SPEED_NODES"] !== undefined) {
      process.stdout.write(`${name}: ${microseconds.toFixed(2)} µs a node\n`)
    }
    return microseconds
  }
  expect(await measure("cold", "first")).toBeLessThan(300)
  expect(await measure("every action a hit", "second")).toBeLessThan(60)
  expect(await measure("the root a hit", "second")).toBeLessThan(10)
  rmSync(directory, { recursive: true })
}, 120_000)
