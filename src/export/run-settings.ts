import { availableParallelism } from "node:os"
import { entryUrl } from "../bundle/entries.ts"

/** How the graph is evaluated for an export: under the name by which the log finds its runs, by as many threads as may work at most. */
export const runSettings = (label: string, workers: number = availableParallelism()) => ({
  label,
  cpu: workers,
  threads: { entry: entryUrl("action-worker"), workers }
})
