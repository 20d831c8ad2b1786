import { parentPort } from "node:worker_threads"
import { type Batch, placing } from "./place-packages.ts"

/** A worker thread of the placer: says that it is ready, then answers each batch with what became of it, in order. */
parentPort?.on("message", (batch: Batch) => {
  const steps = placing(batch)
  let step = steps.next()
  while (step.done !== true) step = steps.next()
  parentPort?.postMessage(step.value)
})
parentPort?.postMessage("ready")
