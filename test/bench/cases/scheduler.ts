import { join } from "node:path"
import { Effect, Schema } from "effect"
import { type CommandFailed, measure } from "../measure/measure.ts"
import type { CaseResult } from "../report/report.ts"
import { SchedulerCosts } from "./scheduler-graph.ts"

/** The engine alone: so many trivial nodes over a store on disk, in a process of its own. */
export const schedulerCase = (nodes: number): Effect.Effect<CaseResult, CommandFailed> =>
  Effect.gen(function* () {
    const process_ = join(import.meta.dirname, "scheduler-process.ts")
    const { peakRssMiB, stdout } = yield* measure(process.execPath, [process_, String(nodes)])
    const { cold, hit, root } = Schema.decodeUnknownSync(Schema.parseJson(SchedulerCosts))(stdout)
    return {
      case: "scheduler",
      variant: `${nodes} trivial nodes`,
      packages: 0,
      arches: 0,
      payloadBytes: 0,
      rounds: 1,
      distgraph: null,
      createrepo: null,
      goal: "cold ≤ 15, all hits ≤ 5 µs a node",
      counts: null,
      byRule: null,
      figures: [
        { name: "cold", value: cold, unit: "µs a node" },
        { name: "every action a hit", value: hit, unit: "µs a node" },
        { name: "the root a hit", value: root, unit: "µs a node" },
        ...(Number.isNaN(peakRssMiB) ? [] : [{ name: "peak memory", value: peakRssMiB, unit: "MiB" }])
      ],
      skipped: null
    }
  })
