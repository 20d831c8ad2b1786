import { existsSync } from "node:fs"
import { join } from "node:path"
import { Data, Effect } from "effect"
import type { HubUnavailable } from "../hub/errors.ts"
import { Hub } from "../hub/hub.ts"

/** A command that needs a hub was pointed at a directory without one: most likely a slip, so none is made there. */
export class NoHub extends Data.TaggedError("NoHub")<{ readonly topdir: string }> {
  override get message(): string {
    return `There is no hub in ${this.topdir}. Check --topdir (or DISTGRAPH_TOPDIR); add-tag or import starts a new hub.`
  }
}

/** Runs with the hub of a topdir, which must be there. */
export const withHub = <A, E, R>(
  topdir: string,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E | HubUnavailable | NoHub, Exclude<R, Hub>> =>
  Effect.zipRight(
    Effect.suspend(() => (existsSync(join(topdir, "hub.db")) ? Effect.void : new NoHub({ topdir }))),
    withNewHub(topdir, effect)
  )

/** Runs with the hub of a topdir, which is made where there is none. */
export const withNewHub = <A, E, R>(
  topdir: string,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E | HubUnavailable, Exclude<R, Hub>> => Effect.provide(effect, Hub.layer(topdir))
