import type { JsonValue } from "./python-json.ts"

/** What an internal repo has beside the binary packages of its arches; `maven` is recorded for Koji's sake, and nothing comes of it. */
export interface RepoOptions {
  /** Source packages in the repository of each arch. */
  readonly src: boolean
  readonly debuginfo: boolean
  /** Source packages in a repository of their own, `src`. */
  readonly separate_src: boolean
  readonly maven: boolean
}

/** The options of a repo, with those of them that are not the tag's own, and what of the tag's is no option. */
export interface ChosenRepoOptions {
  readonly opts: RepoOptions
  readonly customOpts: Partial<RepoOptions>
  readonly warnings: ReadonlyArray<string>
}

/**
 * The tag's own extra (`repo.opts`, or else the older `with_debuginfo`) says what is usual, and a request may ask for other things.
 * Source: Koji's get_repo_opts and convert_repo_opts.
 */
export const chooseRepoOptions = (
  extra: { readonly [key: string]: JsonValue },
  asked: Partial<RepoOptions>
): ChosenRepoOptions => {
  const { options, warnings } = optionsOfTag(extra)
  const usual: RepoOptions = { ...nothing, ...options }
  const opts: RepoOptions = { ...usual, ...asked }
  const custom = optionNames.filter((name) => opts[name] !== usual[name])
  return { opts, customOpts: Object.fromEntries(custom.map((name) => [name, opts[name]])), warnings }
}

/** In Koji's order. */
const nothing: RepoOptions = { src: false, debuginfo: false, separate_src: false, maven: false }

const optionNames = ["src", "debuginfo", "separate_src", "maven"] as const

const optionsOfTag = (extra: {
  readonly [key: string]: JsonValue
}): { readonly options: Partial<RepoOptions>; readonly warnings: ReadonlyArray<string> } => {
  const own = extra["repo.opts"]
  if (own === undefined) {
    return { options: isTrue(extra["with_debuginfo"]) ? { debuginfo: true } : {}, warnings: [] }
  }
  if (own === null) return { options: {}, warnings: [] }
  if (typeof own !== "object" || Array.isArray(own)) {
    return { options: {}, warnings: [`the tag's extra repo.opts is ignored: it is no object (${JSON.stringify(own)})`] }
  }
  const given = new Map(Object.entries(own))
  const unknown = [...given.keys()].filter((key) => !optionNames.some((name) => name === key))
  return {
    options: Object.fromEntries(
      optionNames.flatMap((name) => (given.get(name) == null ? [] : [[name, isTrue(given.get(name))]]))
    ),
    warnings: unknown.map((key) => `the tag's extra repo.opts has ${key}, which is no repo option: it is ignored`)
  }
}

/** What Python takes for true. */
export const isTrue = (value: JsonValue | undefined): boolean =>
  typeof value === "object" && value !== null ? Object.keys(value).length > 0 : Boolean(value)
