import type { Effect } from "effect"
import type { Output } from "./output.ts"
import type { Stop } from "./stop.ts"

/**
 * The words of a command as data: parsing, help and later man pages and completions are made from it, and the types of
 * the values that its handler gets. It names no implementation, so the whole table loads without any.
 */
export interface CommandSpec {
  readonly name: string
  /** One line, in the imperative, for the list of commands. */
  readonly summary: string
  /** More, shown by `--help` between the usage line and the options. */
  readonly description?: string
  readonly arguments: Readonly<Record<string, ArgumentSpec>>
  readonly options: Readonly<Record<string, OptionSpec>>
  /** Whether the command works on a hub, so that it needs `--topdir` or `DISTGRAPH_TOPDIR`. */
  readonly hub: boolean
  /** Whether a first signal is no interruption but the way to end the command, which waits for it with {@link Stop}. */
  readonly endsBySignal?: true
}

/** A positional argument. `missing` is the usage error where there is none. Paths are resolved as options' paths are. */
export type ArgumentSpec =
  | { readonly kind: "one"; readonly value: string; readonly missing: string; readonly path?: true }
  | { readonly kind: "optional"; readonly value: string; readonly path?: true }
  | { readonly kind: "some"; readonly value: string; readonly missing: string; readonly path?: true }
  | { readonly kind: "any"; readonly value: string; readonly path?: true }

/**
 * An option. `value` is its placeholder in the help. Of a repeated option the last value counts, but `list`, `paths` and `named-paths`
 * (each `NAME=PATH`) keep all.
 */
export type OptionSpec = {
  readonly long: `--${string}`
  readonly short?: `-${string}`
  readonly summary: string
} & (
  | { readonly kind: "flag" }
  | { readonly kind: "text" | "list" | "integer" | "path" | "paths" | "named-paths"; readonly value: string }
  | { readonly kind: "choice"; readonly value: string; readonly choices: ReadonlyArray<string> }
)

/** What a handler gets: the arguments, the options (undefined where not given) and the global options. */
export type ArgsOf<S extends CommandSpec> = {
  readonly [K in keyof S["arguments"]]: ArgumentValue<S["arguments"][K]>
} & { readonly [K in keyof S["options"]]: OptionValue<S["options"][K]> } & GlobalArgs<
    S["hub"] extends true ? string : string | undefined
  >

interface GlobalArgs<Topdir extends string | undefined = string | undefined> {
  /** Absolute. */
  readonly topdir: Topdir
  /** Absolute; by default the user's cache directory. */
  readonly store: string
  /** How large the store may grow, in bytes; null for no bound. */
  readonly storeSize: number | null
  readonly json: boolean
  readonly quiet: boolean
}

/** What a command has to say in the end, on stdout: as lines for people, or with `--json` as one document. */
export interface Report {
  readonly lines: ReadonlyArray<string>
  readonly data: unknown
  /** Of a command that did its work but for a part of it; where absent 0. */
  readonly exitCode?: number
}

/** Does a command's work. Any tagged error is a failure that its message explains; a UsageError shows the usage too. */
export type Handler<Args> = (
  args: Args
) => Effect.Effect<Report, { readonly _tag: string; readonly message: string }, Output | Stop>

/** A command and how to load its handler, which happens only when it runs. */
export interface Command {
  readonly spec: CommandSpec
  readonly load: () => Promise<Handler<ParsedArgs>>
}

/** Values by the names of the spec, as the parser made them. */
export type ParsedArgs = GlobalArgs & Readonly<Record<string, unknown>>

/** Keeps the literal types of a spec, from which the types of its values are read. */
export const spec = <const S extends CommandSpec>(spec: S): S => spec

export const command = <S extends CommandSpec>(spec: S, load: () => Promise<Handler<ArgsOf<S>>>): Command => ({
  spec,
  load: async () => {
    const handler = await load()
    // the parser makes the values from this very spec, which the type system cannot follow
    return (args) => handler(args as unknown as ArgsOf<S>)
  }
})

type ArgumentValue<A extends ArgumentSpec> = A["kind"] extends "one"
  ? string
  : A["kind"] extends "optional"
    ? string | undefined
    : ReadonlyArray<string>

type OptionValue<O extends OptionSpec> = O extends { readonly kind: "choice"; readonly choices: ReadonlyArray<infer C> }
  ? C | undefined
  : O["kind"] extends "flag"
    ? boolean
    : O["kind"] extends "list" | "paths" | "named-paths"
      ? ReadonlyArray<string>
      : O["kind"] extends "integer"
        ? number | undefined
        : string | undefined
