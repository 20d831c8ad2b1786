import { spec } from "../frame/command.ts"
import { publishOptions } from "./publish-specs.ts"

export const Watch = spec({
  name: "watch",
  summary: "Export tags whenever they change, as their extra values ask for",
  description:
    "Watches the tags whose extra tag2distrepo.enabled is true, and makes a dist repo of each whenever its content is another than that of " +
    "its newest one. Runs until it is told to stop by SIGINT, SIGTERM or SIGHUP, which end it well.",
  hub: true,
  endsBySignal: true,
  arguments: {},
  options: {
    tags: {
      kind: "list",
      long: "--tag",
      value: "PATTERN",
      summary: "Only tags of this name, in which * and ? stand for others; may be repeated"
    },
    once: { kind: "flag", long: "--once", summary: "Export what is due now, then end" },
    dryRun: { kind: "flag", long: "--dry-run", summary: "Say what would be exported now, and why; make nothing" },
    quietPeriod: {
      kind: "text",
      long: "--quiet-period",
      value: "AGE",
      summary: "Export a tag when nothing has happened to it for so long: 30m, 8h or seconds (default: 10)"
    },
    maxDelay: {
      kind: "text",
      long: "--max-delay",
      value: "AGE",
      summary: "Export it anyway when its first change is as old as this (default: 5m)"
    },
    waitSignatures: {
      kind: "text",
      long: "--wait-signatures",
      value: "AGE",
      summary: "Wait so long for missing signatures before that is a failure (default: 30m)"
    },
    interval: {
      kind: "text",
      long: "--interval",
      value: "AGE",
      summary: "Ask the hub for changes so often (default: 2 seconds)"
    },
    ...publishOptions
  }
})
