import type { RepoRow } from "../../hub/model.ts"

/** A repo in a command's JSON, by Koji's names; times in seconds. */
export const repoData = (repo: RepoRow) => ({
  id: repo.id,
  tag_id: repo.tagId,
  tag_name: repo.tagName,
  state: repo.state,
  dist: repo.kind === "dist",
  create_event: repo.createEvent,
  create_ts: repo.createTime / 1000,
  creation_ts: repo.creationTime / 1000,
  state_ts: repo.stateTime / 1000,
  begin_event: repo.beginEvent,
  end_event: repo.endEvent,
  opts: repo.opts,
  custom_opts: repo.customOpts,
  task_id: null,
  volume: repo.volume ?? "DEFAULT",
  pinned: repo.pinned
})
