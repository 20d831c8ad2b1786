import { spec } from "../frame/command.ts"

const missing = "Incorrect number of arguments"

const modes = ["koji", "simple", "bare"] as const

export const AddExternalRepo = spec({
  name: "add-external-repo",
  summary: "Make an external repo known, and have tags use it",
  description:
    "With a URL the repo is made known; without one it is already. In the URL $arch stands for the arch of the internal repository that it is " +
    "merged into.",
  hub: true,
  arguments: { name: { kind: "one", value: "name", missing }, url: { kind: "optional", value: "url" } },
  options: {
    tags: {
      kind: "list",
      long: "--tag",
      short: "-t",
      value: "TAG[::PRIORITY]",
      summary: "Have this tag use it, with this priority (repeatable)"
    },
    priority: {
      kind: "integer",
      long: "--priority",
      short: "-p",
      value: "PRIORITY",
      summary: "Priority in tags named without one (default: after those that the tag has)"
    },
    mode: {
      kind: "choice",
      long: "--mode",
      short: "-m",
      value: "MODE",
      choices: modes,
      summary: "How its metadata is merged: koji (the default), simple or bare"
    },
    arches: {
      kind: "text",
      long: "--arches",
      short: "-a",
      value: "ARCHES",
      summary: "Use it only for these arches, separated by commas or spaces"
    }
  }
})

export const EditExternalRepo = spec({
  name: "edit-external-repo",
  summary: "Change an external repo, or how a tag uses it",
  hub: true,
  arguments: { repo: { kind: "one", value: "name", missing } },
  options: {
    url: { kind: "text", long: "--url", value: "URL", summary: "Give it another URL" },
    name: { kind: "text", long: "--name", value: "NAME", summary: "Give it another name" },
    tag: { kind: "text", long: "--tag", short: "-t", value: "TAG", summary: "Change how this tag uses it" },
    priority: {
      kind: "integer",
      long: "--priority",
      short: "-p",
      value: "PRIORITY",
      summary: "Its priority in the tag"
    },
    mode: {
      kind: "choice",
      long: "--mode",
      short: "-m",
      value: "MODE",
      choices: modes,
      summary: "How its metadata is merged for the tag: koji, simple or bare"
    },
    arches: {
      kind: "text",
      long: "--arches",
      short: "-a",
      value: "ARCHES",
      summary: "The only arches that the tag uses it for"
    }
  }
})

export const RemoveExternalRepo = spec({
  name: "remove-external-repo",
  summary: "End the use of an external repo by tags, or the external repo itself",
  hub: true,
  arguments: { repo: { kind: "one", value: "repo", missing }, tags: { kind: "any", value: "tag" } },
  options: {
    alltags: { kind: "flag", long: "--alltags", summary: "End its use by all tags" },
    force: { kind: "flag", long: "--force", summary: "End it although tags use it" }
  }
})

export const ListExternalRepos = spec({
  name: "list-external-repos",
  summary: "List the external repos, or those of a tag",
  hub: true,
  arguments: {},
  options: {
    url: { kind: "text", long: "--url", value: "URL", summary: "Only those of this URL" },
    name: { kind: "text", long: "--name", value: "NAME", summary: "Only the one of this name" },
    id: { kind: "integer", long: "--id", value: "ID", summary: "Only the one of this id" },
    tag: { kind: "text", long: "--tag", value: "TAG", summary: "Those that this tag uses" },
    used: { kind: "flag", long: "--used", summary: "List which tags use which" },
    inherit: { kind: "flag", long: "--inherit", summary: "With --tag: also those of the tag's parents" },
    event: { kind: "integer", long: "--event", value: "EVENT", summary: "Read the hub as it was at this event" }
  }
})
