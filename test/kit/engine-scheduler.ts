import type { Scheduler } from "effect"

/** Numbers in [0, 1) that look random and are the same for the same seed (mulberry32). */
export const seeded = (seed: number): (() => number) => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** Runs fibers in an order, and makes them give way at moments, that the seed decides: what holds under many seeds does not race. */
export const shuffledScheduler = (seed: number): Scheduler.Scheduler => {
  const random = seeded(seed)
  const tasks: Array<() => void> = []
  const drain = (): void => {
    for (let left = tasks.length; left > 0; left -= 1) {
      const [task] = tasks.splice(Math.floor(random() * tasks.length), 1)
      task?.()
    }
    if (tasks.length > 0) setImmediate(drain)
  }
  return {
    shouldYield: (fiber) => (fiber.currentOpCount > random() * 100 ? 0 : false),
    scheduleTask: (task) => {
      tasks.push(task)
      if (tasks.length === 1) setImmediate(drain)
    }
  }
}
