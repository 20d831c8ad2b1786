import { Context, type Effect } from "effect"

/** Waits for the first signal that asks a command to end: only where its spec says that it ends well by one. */
export class Stop extends Context.Tag("distgraph/cli/Stop")<Stop, Effect.Effect<void>>() {}
