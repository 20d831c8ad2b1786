import { Effect } from "effect"
import { Hub } from "../../src/hub/hub.ts"

/**
 * A process of its own that uses a hub: `node hub-process.ts TOPDIR add-tags PREFIX COUNT`, `… import FILE…`, or `… hold`,
 * which takes the publish lock and keeps it. It prints "ready" when it has the hub open (or the lock).
 */
const [topdir = "", command = "", ...rest] = process.argv.slice(2)

const say = Effect.sync(() => process.stdout.write("ready\n"))

const main = Effect.gen(function* () {
  const hub = yield* Hub
  if (command === "hold") return yield* hub.withPublishLock(Effect.zipRight(say, Effect.never))
  yield* say
  if (command === "import") return yield* hub.importRpms(rest)
  const [prefix, count] = rest
  for (let number = 0; number < Number(count); number++) yield* hub.addTag(`${prefix}${number}`)
})

await Effect.runPromise(Effect.provide(main, Hub.layer(topdir)))
