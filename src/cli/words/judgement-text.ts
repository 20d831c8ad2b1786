import type { Because, Judgement } from "../../publish/repo-retention.ts"
import { ageText } from "./age.ts"

/** One line of what becomes of a repo and why: `repo 7 of f42 (dist, READY) stays: latest leads to it`. */
export const judgementText = ({ because, repo, verdict }: Judgement): string =>
  `repo ${repo.id} of ${repo.tagName} (${repo.kind}, ${repo.state}) ${verdict}: ${reasonText(because, repo.state)}`

/** What somebody put where a repo should be. */
export const leftWarning = (path: string): string =>
  `${path} was left: it has no repo.json, so no export made it. Remove it by hand if nobody needs it`

const reasonText = (because: Because, state: string): string => {
  switch (because._tag) {
    case "Pinned":
      return "it is pinned"
    case "Latest":
      return "latest leads to it"
    case "Newest":
      return because.keep === 1 ? "it is the newest" : `it is one of the newest ${because.keep}`
    case "Current":
      return "the tag has not changed since, and no newer repo has its options"
    case "Young":
    case "Old":
      return `it has been ${state} for ${ageText(because.age)}`
    case "Unfinished":
      return "its export did not end"
    case "Gone":
      return "its directory is gone"
  }
}
