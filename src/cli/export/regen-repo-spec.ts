import { type OptionSpec, spec } from "../frame/command.ts"
import { exportOptions } from "./export-specs.ts"

const noTag = "A tag name must be specified"

const target = {
  kind: "flag",
  long: "--target",
  summary: "Koji's: take the name as that of a build target, of which there are none here"
} as const satisfies OptionSpec

const timeout = (summary: string) =>
  ({ kind: "integer", long: "--timeout", value: "MIN", summary }) as const satisfies OptionSpec

export const RegenRepo = spec({
  name: "regen-repo",
  summary: "Make the internal repo of a tag, from which builds are made",
  description:
    "Makes <topdir>/repos/<tag>/<id> with the metadata of the tag's rpms as they were imported, whatever their signatures; the packages " +
    "stay where they are. Where nothing changed since the newest repo, none is made.",
  hub: true,
  arguments: { tag: { kind: "one", value: "tag", missing: noTag } },
  options: {
    debuginfo: { kind: "flag", long: "--debuginfo", summary: "Include debuginfo rpms in the repo" },
    source: { kind: "flag", long: "--source", summary: "Include source rpms in the repository of each arch" },
    src: { kind: "flag", long: "--src", summary: "The same as --source" },
    separateSource: {
      kind: "flag",
      long: "--separate-source",
      summary: "Include source rpms in a separate src repository"
    },
    separateSrc: { kind: "flag", long: "--separate-src", summary: "The same as --separate-source" },
    target,
    makeTask: { kind: "flag", long: "--make-task", summary: "Accepted for Koji's sake: there are no tasks" },
    timeout: timeout("Give up after this many minutes; nothing is published then (default: 120)"),
    ...exportOptions
  }
})

export const WaitRepo = spec({
  name: "wait-repo",
  summary: "Wait until a tag's internal repo has what the tag has, or some builds",
  hub: true,
  arguments: { tag: { kind: "one", value: "tag", missing: noTag } },
  options: {
    builds: {
      kind: "list",
      long: "--build",
      value: "NVR",
      summary: "Wait until this build is the latest of its package in a repo; may be repeated"
    },
    target,
    request: { kind: "flag", long: "--request", summary: "Make the repo instead of waiting for somebody to do so" },
    noRequest: { kind: "flag", long: "--no-request", summary: "Only wait (the default)" },
    timeout: timeout("Give up after this many minutes (default: 120)")
  }
})
