import { Effect } from "effect"
import { schedulerCosts } from "./scheduler-graph.ts"

// Alone in a process: another's heap would be measured too.
const costs = await Effect.runPromise(schedulerCosts(Number(process.argv[2])))
process.stdout.write(`${JSON.stringify(costs)}\n`)
