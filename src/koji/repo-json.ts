import { type JsonValue, pythonJson } from "./python-json.ts"

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
