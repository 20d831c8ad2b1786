import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Layer, Schema } from "effect"
import {
  accident,
  action,
  ExternalFiles,
  evaluate,
  externalFiles,
  layerDirectory,
  needAll,
  plan
} from "../../../graph/index.ts"

/** Microseconds a node. */
export const SchedulerCosts = Schema.Struct({
  cold: Schema.Number,
  /** Every action a hit, under plans that are not. */
  hit: Schema.Number,
  /** One look-up. */
  root: Schema.Number
})
type SchedulerCosts = typeof SchedulerCosts.Type

const Id = Schema.Struct({ id: Schema.Int })
const Double = action("double", {
  version: 1,
  input: Id,
  output: Id,
  label: ({ id }) => String(id),
  run: ({ id }) => Effect.succeed({ id: id * 2 })
})
const Block = plan("block", {
  version: 1,
  needs: [Double],
  input: Schema.Struct({ from: Schema.Int, pass: Schema.String }),
  output: Id,
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
  output: Id,
  label: () => "",
  run: ({ blocks, pass }) => {
    const inputs = Array.from({ length: blocks }, (_, i) => ({ from: i * 1000, pass }))
    return Effect.map(needAll(Block, inputs), (all) => ({ id: all.length }))
  }
})

/** Evaluates so many trivial nodes, a thousand a plan, three times over one new store on disk. */
export const schedulerCosts = (nodes: number): Effect.Effect<SchedulerCosts> =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "distgraph-speed-"))),
    (directory) => {
      const pass = (name: string) => evaluation(directory, nodes, name)
      return Effect.all({ cold: pass("first"), hit: pass("second"), root: pass("second") })
    },
    (directory) => Effect.sync(() => rmSync(directory, { recursive: true }))
  )

/** Under another `pass` the plans are new, and the actions are not. */
const evaluation = (directory: string, nodes: number, pass: string): Effect.Effect<number> =>
  Effect.suspend(() => {
    const started = performance.now()
    const noFiles = Layer.succeed(
      ExternalFiles,
      externalFiles(() => accident("no files"))
    )
    return evaluate(Whole, { blocks: nodes / 1000, pass }, { label: "whole", cpu: 2 }).pipe(
      Effect.provide(Layer.merge(layerDirectory(directory), noFiles)),
      Effect.orDie,
      Effect.map(() => ((performance.now() - started) * 1000) / nodes)
    )
  })
