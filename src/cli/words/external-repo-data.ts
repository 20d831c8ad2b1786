import type { TagExternalRepo } from "../../hub/model.ts"

/** The use of an external repo by a tag in a command's JSON, by Koji's names. */
export const tagExternalRepoData = (use: TagExternalRepo) => ({
  external_repo_id: use.externalRepoId,
  external_repo_name: use.externalRepoName,
  priority: use.priority,
  tag_id: use.tagId,
  tag_name: use.tagName,
  url: use.url,
  merge_mode: use.mergeMode,
  arches: use.arches
})
