import type { JsonValue } from "./python-json.ts"
import { isTrue } from "./repo-options.ts"

/** How a tag wants to be exported whenever its content changes: the options of Koji's hub plugin tag2distrepo. */
export interface Tag2distrepo {
  /** As written, in order of preference; none: every rpm as it was imported. */
  readonly keys: ReadonlyArray<string>
  readonly arches: ReadonlyArray<string>
  readonly inherit: boolean
  readonly latest: boolean
  readonly splitDebuginfo: boolean
}

/** What a tag's extra says of it. */
export type Watching =
  | { readonly _tag: "NotWatched" }
  /** `warnings` are about values that count, but perhaps not as they were meant. */
  | { readonly _tag: "Watched"; readonly options: Tag2distrepo; readonly warnings: ReadonlyArray<string> }
  /** It asks for exports, and cannot have any as it is; all that is wrong. */
  | { readonly _tag: "Unusable"; readonly problems: ReadonlyArray<string> }

/**
 * Reads a tag's own extra and arches, of which nothing is inherited. What Koji's plugin fails with, at the cost of the tagging that
 * called it, is a problem: no arches, and keys that are no text. What it takes for true or false, whatever it is, is taken so here, with
 * a warning. Source: Koji's plugin tag2distrepo.
 */
export const readTag2distrepo = (tag: {
  readonly name: string
  /** Separated by spaces. */
  readonly arches: string
  readonly extra: { readonly [key: string]: JsonValue }
}): Watching => {
  const own = (name: string) => tag.extra[`${PREFIX}${name}`]
  if (!isTrue(own("enabled"))) return { _tag: "NotWatched" }
  const arches = words(tag.arches)
  const keys = own("keys") ?? (own("keys") === null ? null : "")
  const problems = [
    ...(arches.length === 0 ? [`Tag ${tag.name} has no arches configured but tag2distrepo is enabled`] : []),
    ...(typeof keys === "string" ? [] : [keysProblem(tag.name, keys)])
  ]
  if (problems.length > 0 || typeof keys !== "string") return { _tag: "Unusable", problems }
  return {
    _tag: "Watched",
    options: {
      keys: words(keys),
      arches,
      inherit: isTrue(own("inherit")),
      latest: isTrue(own("latest")),
      splitDebuginfo: isTrue(own("split_debuginfo"))
    },
    warnings: [...booleanWarnings(tag.extra), ...unknownWarnings(tag.extra)]
  }
}

const PREFIX = "tag2distrepo."

const BOOLEANS = ["enabled", "inherit", "latest", "split_debuginfo"]

const words = (text: string): ReadonlyArray<string> => text.split(/\s+/).filter((word) => word !== "")

/** A key id of digits that was not quoted has become a number, whose leading zeros are lost. */
const keysProblem = (tag: string, value: JsonValue): string => {
  const text = JSON.stringify(value)
  const kind = value === null ? "null" : Array.isArray(value) ? "a list" : `a ${typeof value}`
  const given = /^\d{1,8}$/.test(text) ? text.padStart(8, "0") : "KEY KEY"
  return `${PREFIX}keys of tag ${tag} is ${kind} (${text}) where there must be text: edit-tag ${tag} -x '${PREFIX}keys="${given}"'`
}

const booleanWarnings = (extra: { readonly [key: string]: JsonValue }): ReadonlyArray<string> =>
  BOOLEANS.flatMap((name) => {
    const value = extra[`${PREFIX}${name}`]
    if (value === undefined || typeof value === "boolean") return []
    return [`${PREFIX}${name} is ${JSON.stringify(value)}, which counts as ${isTrue(value)}`]
  })

const unknownWarnings = (extra: { readonly [key: string]: JsonValue }): ReadonlyArray<string> =>
  Object.keys(extra)
    .filter((key) => key.startsWith(PREFIX) && ![...BOOLEANS, "keys"].includes(key.slice(PREFIX.length)))
    .map((key) => `${key} is no option of tag2distrepo: it is ignored`)
