import { join } from "node:path"
import type { Effect } from "effect"
import { type CommandFailed, type Measurement, measure } from "./createrepo-c.ts"

/** The folders of one distgraph installation under measurement. */
export interface Installation {
  readonly topdir: string
  readonly store: string
}

const main = join(import.meta.dirname, "../../src/cli/main.ts")

/** Runs `distgraph ARGS…` from this checkout, and measures it. */
export const runDistgraph = (
  installation: Installation,
  args: ReadonlyArray<string>
): Effect.Effect<Measurement, CommandFailed> =>
  measure(process.execPath, [main, ...args], {
    DISTGRAPH_TOPDIR: installation.topdir,
    DISTGRAPH_STORE: installation.store
  })
