import { spec } from "../frame/command.ts"

const ids = { ids: { kind: "some", value: "repo-id", missing: "Please specify a repo id" } } as const

export const RepoInfo = spec({
  name: "repoinfo",
  summary: "Show what is known of a repo",
  hub: true,
  arguments: { ids: { kind: "some", value: "repo-id", missing: "Please specify a repo ID" } },
  options: {
    topurl: {
      kind: "text",
      long: "--topurl",
      value: "URL",
      summary: "Where the hub's directory is served (default: its own, as a file URL)"
    }
  }
})

export const ListRepos = spec({
  name: "list-repos",
  summary: "List the repos of a tag, or all",
  description: "Those that are DELETED are only listed where --state asks for them.",
  hub: true,
  arguments: { tag: { kind: "optional", value: "tag" } },
  options: {
    state: {
      kind: "choice",
      long: "--state",
      value: "STATE",
      choices: ["INIT", "READY", "EXPIRED", "DELETED", "PROBLEM"],
      summary: "Only those in this state"
    },
    dist: { kind: "flag", long: "--dist", summary: "Only dist repos" },
    internal: { kind: "flag", long: "--internal", summary: "Only internal repos" }
  }
})

export const ExpireRepo = spec({
  name: "expire-repo",
  summary: "Make repos EXPIRED: latest leads to others, and expire-repos will remove them",
  hub: true,
  arguments: ids,
  options: {}
})

export const DeleteRepo = spec({
  name: "delete-repo",
  summary: "Delete repos at once",
  hub: true,
  arguments: ids,
  options: {
    force: { kind: "flag", long: "--force", summary: "Also what latest leads to though the tag has no other repo" }
  }
})

export const PinRepo = spec({
  name: "pin-repo",
  summary: "Keep repos whatever their age",
  hub: true,
  arguments: ids,
  options: {}
})

export const UnpinRepo = spec({
  name: "unpin-repo",
  summary: "Keep repos no longer than others",
  hub: true,
  arguments: ids,
  options: {}
})

export const ExpireRepos = spec({
  name: "expire-repos",
  summary: "Expire and remove repos by their age",
  description:
    "READY repos of an age become EXPIRED, EXPIRED ones of an age are removed, and what an export left that did not end. What latest leads to, " +
    "what is pinned and what an export is making always stays. Says for each repo what becomes of it and why.",
  hub: true,
  arguments: { tag: { kind: "optional", value: "tag" } },
  options: {
    keep: {
      kind: "integer",
      long: "--keep",
      value: "N",
      summary: "Keep the newest N READY repos of each tag (default: 1)"
    },
    lifetime: {
      kind: "text",
      long: "--lifetime",
      value: "AGE",
      summary: "How long a READY repo stays: 30m, 8h, 7d or seconds (default: 7d)"
    },
    expiredLifetime: {
      kind: "text",
      long: "--expired-lifetime",
      value: "AGE",
      summary: "How long an EXPIRED repo stays, for those who still read it (default: 7d)"
    },
    dryRun: { kind: "flag", long: "--dry-run", summary: "Say what would be done; do nothing" }
  }
})
