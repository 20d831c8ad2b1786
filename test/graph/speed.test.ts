import { Effect } from "effect"
import { expect, it } from "vitest"
import { schedulerCosts } from "../bench/cases/scheduler-graph.ts"

/** In earnest it is measured by the bench, in a process of its own; this only notices when a node costs ten times too much. */
it("evaluates trivial nodes at some microseconds each, cold, with every action a hit, and as a whole", async () => {
  const { cold, hit, root } = await Effect.runPromise(schedulerCosts(20_000))
  expect(cold).toBeLessThan(300)
  expect(hit).toBeLessThan(60)
  expect(root).toBeLessThan(10)
}, 120_000)
