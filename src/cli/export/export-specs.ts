import type { OptionSpec } from "../frame/command.ts"

export const profileRun = {
  kind: "path",
  long: "--profile-run",
  value: "FILE",
  summary: "Write where the time went to FILE, for chrome://tracing or ui.perfetto.dev"
} as const satisfies OptionSpec

/** How a tag is exported, whatever is made of it. */
export const exportOptions = {
  wait: { kind: "flag", long: "--wait", summary: "Accepted for Koji's sake: the command always waits" },
  nowait: { kind: "flag", long: "--nowait", summary: "Accepted for Koji's sake: the command always waits" },
  force: { kind: "flag", long: "--force", summary: "Make a new repo even if nothing changed" },
  dryRun: { kind: "flag", long: "--dry-run", summary: "Say what would run; make nothing" },
  explain: {
    kind: "flag",
    long: "--explain",
    summary: "Say what changed, which steps ran and why, and what was reused"
  },
  explainAll: { kind: "flag", long: "--explain-all", summary: "The same, with nothing folded" },
  profileRun
} as const satisfies Readonly<Record<string, OptionSpec>>
