import { type JsonValue, pythonJson } from "./python-json.ts"
import type { RepoOptions } from "./repo-options.ts"

/** What the `repo.json` of a dist repo records. */
export interface DistRepoRecord {
  readonly id: number
  readonly tag: string
  readonly tagId: number
  /** As they were typed. */
  readonly keys: ReadonlyArray<string>
  /** null for the default volume. */
  readonly volume: string | null
  /** The options of the request, in Koji's names and order. */
  readonly taskOptions: { readonly [key: string]: JsonValue }
}

/** The text of `repo.json`, as Python's `json.dump(…, indent=2)` writes it (no newline at its end). */
export const repoJson = (repo: DistRepoRecord): string =>
  pythonJson(
    {
      id: repo.id,
      tag: repo.tag,
      tag_id: repo.tagId,
      keys: repo.keys,
      volume: repo.volume,
      task_opts: repo.taskOptions
    },
    2
  )

/** What the `repo.json` of an internal repo records. */
export interface InternalRepoRecord {
  readonly id: number
  readonly tag: string
  readonly tagId: number
  /** The event that its content was taken from. */
  readonly event: number
  readonly opts: RepoOptions
  /** Those that are not the tag's own. */
  readonly customOpts: Partial<RepoOptions>
}

/** The text of its `repo.json`. No task makes it. */
export const internalRepoJson = ({ customOpts, event, id, opts, tag, tagId }: InternalRepoRecord): string =>
  pythonJson(
    {
      id,
      tag,
      tag_id: tagId,
      task_id: null,
      event_id: event,
      opts: { ...opts },
      custom_opts: { ...customOpts },
      with_src: opts.src,
      with_separate_src: opts.separate_src,
      with_debuginfo: opts.debuginfo
    },
    2
  )
