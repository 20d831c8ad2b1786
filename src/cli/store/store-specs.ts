import { spec } from "../frame/command.ts"

export const Gc = spec({
  name: "gc",
  summary: "Remove from the store what no export needs any more",
  description:
    "What was used or written in the last 24 hours stays, and so does the newest state of each tag and directory. Older states stay as long as there is " +
    "room, the least recently used go first. Says for each state whether it stays or goes, how much it has of its own, and why. Whatever goes, a later " +
    "export computes anew. It may run while others export: it removes in a moment in which nobody uses the store.",
  hub: false,
  arguments: {},
  options: {
    maxSize: {
      kind: "text",
      long: "--max-size",
      value: "SIZE",
      summary:
        "How large the store may be: 500M, 20G or bytes, or none for no bound (default: $DISTGRAPH_STORE_SIZE, or 20G)"
    },
    keepWithin: {
      kind: "text",
      long: "--keep-within",
      value: "AGE",
      summary: "Keep what was used or written so lately: 30m, 8h, 7d or seconds (default: 24h)"
    },
    lifetime: {
      kind: "text",
      long: "--lifetime",
      value: "AGE",
      summary: "Remove what was not used for so long, though it is the newest of its tag or directory (default: 90d)"
    },
    timeout: {
      kind: "integer",
      long: "--timeout",
      value: "MINUTES",
      summary: "How long to wait for those who use the store; after a minute others must wait too (default: 10)"
    },
    dryRun: { kind: "flag", long: "--dry-run", summary: "Say what would be done; do nothing" }
  }
})
