import type { OptionSpec } from "./command.ts"

/** Options that every command takes, before or after its name. */
export const globalOptions = {
  topdir: {
    long: "--topdir",
    kind: "path",
    value: "DIR",
    summary: "The hub's directory: its database and its Koji-like tree (default: $DISTGRAPH_TOPDIR)"
  },
  store: {
    long: "--store",
    kind: "path",
    value: "DIR",
    summary:
      "Where results are kept for the next run (default: $DISTGRAPH_STORE, or ~/.cache/distgraph; it may be deleted)"
  },
  json: { long: "--json", kind: "flag", summary: "Print one JSON document on stdout, for programs" },
  quiet: { long: "--quiet", short: "-q", kind: "flag", summary: "No progress and no headings" }
} as const satisfies Readonly<Record<string, OptionSpec>>
