import { existsSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Clock, Effect } from "effect"
import type { StoreError } from "../store.ts"
import { attempting, layout } from "../store-database.ts"
import { collectGarbage, type GcReport, type GcRequest, storeSize } from "./collect-garbage.ts"

/**
 * Collects garbage where the store has grown larger than the policy's bound. Looks once a day, as long as nobody else has it open, and
 * waits for nobody: so it may follow every run. Null where there was nothing to do.
 */
export const collectIfLarge = (
  request: Omit<GcRequest, "dryRun" | "wait">
): Effect.Effect<GcReport | null, StoreError> =>
  Effect.gen(function* () {
    const { directory, policy } = request
    const limit = policy.maxSize
    if (limit === null) return null
    const now = yield* Clock.currentTimeMillis
    const isLarge = yield* attempting(directory)(() => isDue(directory, now) && storeSize(directory) > limit)
    if (!isLarge) return null
    return yield* Effect.catchTag(
      collectGarbage({ ...request, dryRun: false, wait: { politely: 0, atTheDoor: 0 } }),
      "StoreBusy",
      () => Effect.succeed(null)
    )
  })

/** Whether a day has passed since this was true the last time. */
const isDue = (directory: string, now: number): boolean => {
  const home = join(directory, layout)
  const mark = join(home, "size-looked-at")
  const last = statSync(mark, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (!existsSync(home) || now - last < aDay) return false
  writeFileSync(mark, "")
  return true
}

/** Milliseconds. */
const aDay = 24 * 3600_000
