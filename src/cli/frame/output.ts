import { Context, Effect } from "effect"
import type { World } from "./world.ts"

export interface Screen {
  /** null where it is no terminal but a log. */
  readonly columns: number | null
  readonly write: (text: string) => void
}

/** Where a running command talks: on stderr, so that stdout holds its report and nothing else. */
export class Output extends Context.Tag("distgraph/cli/Output")<
  Output,
  {
    /** Prints lines about what is being done; with `--quiet` nothing. */
    readonly talk: (...lines: ReadonlyArray<string>) => Effect.Effect<void>
    /** Prints a warning, also with `--quiet`. */
    readonly warn: (text: string) => Effect.Effect<void>
    /** How wide a line of the report may be. */
    readonly width: number
    /** For a display that draws itself, such as a progress line: raw text, nowhere with `--quiet`. */
    readonly screen: Screen
  }
>() {
  static readonly make = ({ columns, stderr, width }: World, quiet: boolean): Context.Tag.Service<Output> => ({
    talk: (...lines) =>
      quiet || lines.length === 0 ? Effect.void : Effect.sync(() => stderr(`${lines.join("\n")}\n`)),
    warn: (text) => Effect.sync(() => stderr(`distgraph: warning: ${text}\n`)),
    width,
    screen: { columns, write: quiet ? () => {} : stderr }
  })
}
