import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { Hub } from "../../src/hub/hub.ts"

/** Runs an effect with an empty hub in a folder of its own, which is removed afterwards. */
export const inNewHub = <A, E>(effect: (hub: Hub["Type"]) => Effect.Effect<A, E>): Promise<A> => {
  const topdir = mkdtempSync(join(tmpdir(), "distgraph-hub-"))
  return Effect.runPromise(
    Effect.flatMap(Hub, effect).pipe(
      Effect.provide(Hub.layer(topdir, { user: "tester" })),
      Effect.ensuring(Effect.sync(() => rmSync(topdir, { recursive: true, force: true })))
    )
  )
}
